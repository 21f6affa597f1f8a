//! What was done and said: the audit log, messages, tokens of programs.

diesel::table! {
    audit_entries (id) {
        id -> Text,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        result -> Text,
        subject_user_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        address -> Text,
        user_agent -> Text,
        request_id -> Text,
        session_id -> Nullable<Text>,
        details -> Text,
        seal -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_seals (number) {
        number -> BigInt,
        first_id -> Text,
        last_id -> Text,
        count -> BigInt,
        hash -> Binary,
        sealed_at -> Timestamp,
    }
}

diesel::table! {
    restore_marks (id) {
        id -> Text,
        mark -> Text,
    }
}

diesel::table! {
    outbox_messages (id) {
        id -> Text,
        channel -> Text,
        recipient -> Text,
        user_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        kind -> Text,
        payload -> Nullable<Binary>,
        payload_key_id -> Nullable<Text>,
        state -> Text,
        attempts -> BigInt,
        next_try_at -> Timestamp,
        claimed_until -> Nullable<Timestamp>,
        give_up_at -> Timestamp,
        provider_id -> Nullable<Text>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    messages (id) {
        id -> Text,
        user_id -> Text,
        subject -> Text,
        body -> Text,
        created_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        token_hash -> Binary,
        prefix -> Text,
        name -> Text,
        user_id -> Text,
        organization_id -> Text,
        session_id -> Nullable<Text>,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}
