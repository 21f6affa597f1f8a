//! Ways to an account and back into one: registering, a forgotten password.

diesel::table! {
    registrations (id) {
        id -> Text,
        organization_id -> Text,
        registration_code_id -> Nullable<Text>,
        username -> Text,
        username_lower -> Text,
        email -> Text,
        email_lower -> Text,
        first_name -> Text,
        last_name -> Text,
        address_1 -> Text,
        address_2 -> Text,
        city -> Text,
        state -> Text,
        zip_code -> Text,
        phone -> Text,
        fax -> Text,
        created_at -> Timestamp,
        last_step_at -> Timestamp,
        method -> Nullable<Text>,
        verified_email -> Nullable<Text>,
        user_id -> Nullable<Text>,
    }
}

diesel::table! {
    password_resets (id) {
        id -> Text,
        token_hash -> Binary,
        user_id -> Nullable<Text>,
        email -> Text,
        state -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}
