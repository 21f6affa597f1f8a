//! Organizations and what belongs to one.

diesel::table! {
    organizations (id) {
        id -> Text,
        name -> Text,
        name_lower -> Text,
        npi -> Nullable<Text>,
        managing_partner_id -> Nullable<Text>,
        enforce_mfa -> Bool,
        grace_until -> Nullable<Timestamp>,
        org_level_mfa -> Bool,
        allowed_methods -> Text,
        remember_me -> Text,
        email_code_seconds -> BigInt,
        idle_minutes -> BigInt,
        absolute_minutes -> BigInt,
        time_zone -> Text,
        fax_required -> Bool,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        remembered_since -> Nullable<Timestamp>,
        domain_sign_in -> Text,
    }
}

diesel::table! {
    organization_applications (id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        url -> Text,
        description -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    registration_codes (id) {
        id -> Text,
        organization_id -> Text,
        code -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        uses -> BigInt,
    }
}

diesel::table! {
    safelist_entries (id) {
        id -> Text,
        organization_id -> Text,
        cidr -> Text,
        label -> Text,
        created_at -> Timestamp,
    }
}
