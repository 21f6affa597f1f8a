//! What people show besides the password.

diesel::table! {
    factors (id) {
        id -> Text,
        user_id -> Text,
        kind -> Text,
        scope -> Text,
        organization_id -> Nullable<Text>,
        name -> Text,
        state -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        secret -> Nullable<Binary>,
        secret_key_id -> Nullable<Text>,
        algorithm -> Text,
        digits -> BigInt,
        period -> BigInt,
        last_step -> BigInt,
        serial -> Nullable<Text>,
        failed_in_row -> BigInt,
        created_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        pending_session_id -> Nullable<Text>,
        pending_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    hardware_tokens (id) {
        id -> Text,
        organization_id -> Text,
        serial -> Text,
        serial_lower -> Text,
        manufacturer -> Text,
        model -> Text,
        secret -> Binary,
        secret_key_id -> Text,
        algorithm -> Text,
        period -> BigInt,
        last_step -> BigInt,
        factor_id -> Nullable<Text>,
        lost_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> Text,
        user_id -> Text,
        code_hash -> Binary,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    second_step_pauses (user_id, kind) {
        user_id -> Text,
        kind -> Text,
        failed_in_row -> BigInt,
        paused_until -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}
