//! People, where they belong, and how lists find them.

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        username_lower -> Text,
        email -> Text,
        email_lower -> Text,
        first_name -> Text,
        last_name -> Text,
        first_name_lower -> Text,
        last_name_lower -> Text,
        password_hash -> Nullable<Text>,
        password_changed_at -> Nullable<Timestamp>,
        password_off_at -> Nullable<Timestamp>,
        password_must_change -> Bool,
        managing_organization_id -> Nullable<Text>,
        operator -> Bool,
        account -> Text,
        mfa_epoch -> BigInt,
        terms_version -> Nullable<Text>,
        terms_accepted_at -> Nullable<Timestamp>,
        time_zone -> Nullable<Text>,
        last_sign_in_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        set_up_demanded -> Bool,
        identity_changed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    profiles (user_id) {
        user_id -> Text,
        address_1 -> Text,
        address_2 -> Text,
        city -> Text,
        state -> Text,
        zip_code -> Text,
        phone -> Text,
        fax -> Text,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        user_id -> Text,
        organization_id -> Text,
        role -> Text,
        mfa_epoch -> BigInt,
        exempt_until -> Nullable<Timestamp>,
        exempt_reason -> Nullable<Text>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    directory_entries (membership_id, kind) {
        membership_id -> Text,
        kind -> BigInt,
        organization_id -> Text,
        key -> Binary,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        organization_id -> Text,
        user_id -> Text,
        email -> Text,
        first_name -> Text,
        last_name -> Text,
        role -> Text,
        offer -> Bool,
        created_at -> Timestamp,
        sent_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    email_changes (id) {
        id -> Text,
        user_id -> Text,
        email -> Text,
        organization_id -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        proposer_id -> Nullable<Text>,
    }
}
