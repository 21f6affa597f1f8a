//! Sign-ins, what was shown in them, and what a browser keeps.

diesel::table! {
    sessions (id) {
        id -> Text,
        token_hash -> Binary,
        user_id -> Text,
        stage -> Text,
        login_option -> Text,
        remember -> Bool,
        remembered_browser_id -> Nullable<Text>,
        return_to -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        mfa_epoch -> BigInt,
        code_tries -> BigInt,
        sends -> BigInt,
        last_send_at -> Nullable<Timestamp>,
        password_at -> Nullable<Timestamp>,
        address -> Text,
        user_agent -> Text,
        state -> Text,
        idle_seconds -> BigInt,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        resume_stage -> Nullable<Text>,
        entering_organization_id -> Nullable<Text>,
        console_seen_at -> Nullable<Timestamp>,
        domain_sign_in_id -> Nullable<Text>,
        forms_of -> Nullable<Text>,
    }
}

diesel::table! {
    session_proofs (id) {
        id -> Text,
        session_id -> Text,
        factor_id -> Nullable<Text>,
        kind -> Text,
        channel -> Text,
        scope -> Text,
        organization_id -> Nullable<Text>,
        mfa_epoch -> BigInt,
        proved_at -> Timestamp,
    }
}

diesel::table! {
    one_time_codes (id) {
        id -> Text,
        session_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        factor_id -> Nullable<Text>,
        purpose -> Text,
        channel -> Text,
        code_hash -> Binary,
        outbox_message_id -> Text,
        lifetime_seconds -> BigInt,
        tries_left -> BigInt,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        subject_id -> Nullable<Text>,
        destination -> Nullable<Text>,
    }
}

diesel::table! {
    phone_calls (id) {
        id -> Text,
        session_id -> Text,
        user_id -> Text,
        factor_id -> Text,
        outbox_message_id -> Text,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    links (id) {
        id -> Text,
        purpose -> Text,
        user_id -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        token_hash -> Binary,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    remembered_browsers (id) {
        id -> Text,
        selector -> Text,
        user_id -> Text,
        login_option -> Text,
        verifier_hash -> Binary,
        previous_hash -> Nullable<Binary>,
        rotated_at -> Timestamp,
        mfa_epoch -> BigInt,
        proof_kind -> Nullable<Text>,
        user_agent -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    known_devices (id) {
        id -> Text,
        device_hash -> Binary,
        user_id -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
    }
}

diesel::table! {
    throttles (key) {
        key -> Text,
        count -> BigInt,
        window_start -> Timestamp,
        blocked_until -> Nullable<Timestamp>,
        updated_at -> Timestamp,
        in_flight -> BigInt,
    }
}

diesel::table! {
    domain_sign_ins (id) {
        id -> Text,
        token_hash -> Binary,
        state -> Text,
        return_to -> Nullable<Text>,
        session_id -> Nullable<Text>,
        issuer -> Text,
        subject -> Nullable<Text>,
        user_id -> Nullable<Text>,
        second_factor_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    domain_identities (id) {
        id -> Text,
        user_id -> Text,
        issuer -> Text,
        subject -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        second_factor_at -> Nullable<Timestamp>,
    }
}
