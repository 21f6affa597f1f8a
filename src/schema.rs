//! One schema for both databases; the migrations make the tables it describes.

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

diesel::table! {
    directory_entries (membership_id, kind) {
        membership_id -> Text,
        kind -> BigInt,
        organization_id -> Text,
        key -> Binary,
    }
}

diesel::table! {
    mfa_resets (reference) {
        reference -> Text,
        actor_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        scope -> Text,
        label -> Text,
        via -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mfa_reset_results (reference, position) {
        reference -> Text,
        position -> BigInt,
        user_id -> Text,
        name -> Text,
        outcome -> Text,
        details -> Text,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        digest -> Text,
        actor_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        parameters -> Text,
        reach -> Text,
        state -> Text,
        stopped_why -> Nullable<Text>,
        total -> BigInt,
        succeeded -> BigInt,
        skipped -> BigInt,
        failed -> BigInt,
        claimed_by -> Nullable<Text>,
        claimed_until -> Nullable<Timestamp>,
        address -> Text,
        user_agent -> Text,
        request_id -> Text,
        session_id -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    job_items (id) {
        id -> Text,
        job_id -> Text,
        position -> BigInt,
        subject_id -> Nullable<Text>,
        label -> Text,
        payload -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
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
    }
}

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

diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(invitations -> organizations (organization_id));
diesel::allow_tables_to_appear_in_same_query!(audit_entries, memberships);
diesel::allow_tables_to_appear_in_same_query!(invitations, users);
diesel::allow_tables_to_appear_in_same_query!(invitations, organizations);

diesel::joinable!(hardware_tokens -> factors (factor_id));
diesel::joinable!(memberships -> organizations (organization_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(directory_entries -> memberships (membership_id));
diesel::joinable!(registration_codes -> organizations (organization_id));
diesel::joinable!(self_resets -> users (user_id));
diesel::joinable!(sessions -> users (user_id));

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
diesel::allow_tables_to_appear_in_same_query!(
    directory_entries,
    registration_codes,
    organizations,
    users,
    memberships,
    sessions,
    factors
);
diesel::allow_tables_to_appear_in_same_query!(hardware_tokens, factors);
diesel::allow_tables_to_appear_in_same_query!(remembered_browsers, users);
diesel::allow_tables_to_appear_in_same_query!(self_resets, users);
