//! Resetting one's own factors, with an identity check.

diesel::table! {
    self_resets (id) {
        id -> Text,
        user_id -> Text,
        live_user_id -> Nullable<Text>,
        state -> Text,
        account_hash -> Binary,
        document -> Nullable<Binary>,
        document_key_id -> Nullable<Text>,
        score -> Nullable<BigInt>,
        reasons -> Text,
        decided_by -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    identity_checks (id) {
        id -> Text,
        self_reset_id -> Text,
        user_id -> Text,
        session_id -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        redacted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    stripe_events (id) {
        id -> Text,
        signed_at -> BigInt,
        received_at -> Timestamp,
    }
}

diesel::table! {
    sandbox_identity_sessions (id) {
        id -> Text,
        reference -> Text,
        return_url -> Text,
        outcome -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        ready_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}
