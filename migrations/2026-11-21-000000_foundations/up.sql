-- One schema for SQLite and PostgreSQL. Ids are UUIDv7 text made by the application, times are UTC.
-- "_lower" columns are lower-case copies, because LIKE and collations differ between the two.

CREATE TABLE organizations (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    name_lower TEXT NOT NULL,
    npi TEXT,
    managing_partner_id TEXT REFERENCES organizations (id),
    enforce_mfa BOOLEAN NOT NULL,
    grace_until TIMESTAMP,
    org_level_mfa BOOLEAN NOT NULL,
    allowed_methods TEXT NOT NULL,
    remember_me TEXT NOT NULL,
    email_code_seconds BIGINT NOT NULL,
    idle_minutes BIGINT NOT NULL,
    absolute_minutes BIGINT NOT NULL,
    time_zone TEXT NOT NULL,
    fax_required BOOLEAN NOT NULL,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX organizations_by_name ON organizations (name_lower, id);
CREATE INDEX organizations_by_npi ON organizations (npi);
CREATE INDEX organizations_by_partner ON organizations (managing_partner_id, name_lower, id);

CREATE TABLE organization_applications (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    position BIGINT NOT NULL
);
CREATE INDEX organization_applications_by_organization ON organization_applications (organization_id, position, id);

CREATE TABLE registration_codes (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    code TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    uses BIGINT NOT NULL
);
CREATE INDEX registration_codes_by_organization ON registration_codes (organization_id, created_at, id);

CREATE TABLE safelist_entries (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    cidr TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX safelist_entries_by_organization ON safelist_entries (organization_id, id);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    first_name_lower TEXT NOT NULL,
    last_name_lower TEXT NOT NULL,
    password_hash TEXT,
    password_changed_at TIMESTAMP,
    password_off_at TIMESTAMP,
    password_must_change BOOLEAN NOT NULL,
    managing_organization_id TEXT REFERENCES organizations (id),
    operator BOOLEAN NOT NULL,
    account TEXT NOT NULL,
    mfa_epoch BIGINT NOT NULL,
    terms_version TEXT,
    terms_accepted_at TIMESTAMP,
    time_zone TEXT,
    last_sign_in_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX users_by_last_name ON users (last_name_lower, first_name_lower, id);
CREATE INDEX users_by_first_name ON users (first_name_lower, last_name_lower, id);
CREATE INDEX users_by_managing_organization ON users (managing_organization_id, id);
CREATE INDEX users_by_operator ON users (operator, id);

CREATE TABLE profiles (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address_1 TEXT NOT NULL,
    address_2 TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    zip_code TEXT NOT NULL,
    phone TEXT NOT NULL,
    fax TEXT NOT NULL
);

CREATE TABLE memberships (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    mfa_epoch BIGINT NOT NULL,
    exempt_until TIMESTAMP,
    exempt_reason TEXT,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (user_id, organization_id)
);
CREATE INDEX memberships_by_organization ON memberships (organization_id, user_id);
CREATE INDEX memberships_by_role ON memberships (organization_id, role, user_id);

CREATE TABLE factors (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    secret BYTEA,
    secret_key_id TEXT,
    algorithm TEXT NOT NULL,
    digits BIGINT NOT NULL,
    period BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    serial TEXT,
    failed_in_row BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP,
    last_used_at TIMESTAMP
);
CREATE INDEX factors_by_user ON factors (user_id, id);
CREATE INDEX factors_by_organization ON factors (organization_id, kind, id);
CREATE INDEX factors_by_key ON factors (secret_key_id, id);

CREATE TABLE recovery_codes (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id, id);

CREATE TABLE second_step_pauses (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    failed_in_row BIGINT NOT NULL,
    paused_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, kind)
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    login_option TEXT NOT NULL,
    remember BOOLEAN NOT NULL,
    remembered_browser_id TEXT,
    return_to TEXT,
    organization_id TEXT REFERENCES organizations (id) ON DELETE SET NULL,
    mfa_epoch BIGINT NOT NULL,
    code_tries BIGINT NOT NULL,
    sends BIGINT NOT NULL,
    last_send_at TIMESTAMP,
    password_at TIMESTAMP,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    state TEXT NOT NULL,
    idle_seconds BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE session_proofs (
    id TEXT PRIMARY KEY NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    factor_id TEXT,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    scope TEXT NOT NULL,
    organization_id TEXT,
    mfa_epoch BIGINT NOT NULL,
    proved_at TIMESTAMP NOT NULL
);
CREATE INDEX session_proofs_by_session ON session_proofs (session_id, proved_at);

CREATE TABLE one_time_codes (
    id TEXT PRIMARY KEY NOT NULL,
    session_id TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    factor_id TEXT,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    outbox_message_id TEXT NOT NULL,
    lifetime_seconds BIGINT NOT NULL,
    tries_left BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP
);
CREATE INDEX one_time_codes_by_session ON one_time_codes (session_id, created_at);
CREATE INDEX one_time_codes_by_message ON one_time_codes (outbox_message_id);
CREATE INDEX one_time_codes_by_age ON one_time_codes (created_at);

CREATE TABLE phone_calls (
    id TEXT PRIMARY KEY NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    factor_id TEXT NOT NULL,
    outbox_message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP
);
CREATE INDEX phone_calls_by_session ON phone_calls (session_id, created_at);
CREATE INDEX phone_calls_by_message ON phone_calls (outbox_message_id);

CREATE TABLE links (
    id TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    subject_id TEXT,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    replaced_at TIMESTAMP
);
CREATE INDEX links_by_user ON links (user_id, purpose, created_at);
CREATE INDEX links_by_subject ON links (subject_id, purpose, created_at);
CREATE INDEX links_by_expiry ON links (expires_at);

CREATE TABLE remembered_browsers (
    id TEXT PRIMARY KEY NOT NULL,
    selector TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    login_option TEXT NOT NULL,
    verifier_hash BYTEA NOT NULL,
    previous_hash BYTEA,
    rotated_at TIMESTAMP NOT NULL,
    mfa_epoch BIGINT NOT NULL,
    proof_kind TEXT,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX remembered_browsers_by_user ON remembered_browsers (user_id, id);
CREATE INDEX remembered_browsers_by_expiry ON remembered_browsers (expires_at);

CREATE TABLE known_devices (
    id TEXT PRIMARY KEY NOT NULL,
    device_hash BYTEA NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    UNIQUE (device_hash, user_id)
);
CREATE INDEX known_devices_by_user ON known_devices (user_id, id);

CREATE TABLE outbox_messages (
    id TEXT PRIMARY KEY NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    organization_id TEXT,
    kind TEXT NOT NULL,
    payload BYTEA,
    payload_key_id TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    claimed_until TIMESTAMP,
    give_up_at TIMESTAMP NOT NULL,
    provider_id TEXT,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX outbox_messages_due ON outbox_messages (state, channel, next_try_at, id);
CREATE INDEX outbox_messages_by_user ON outbox_messages (user_id, id);
CREATE INDEX outbox_messages_by_recipient ON outbox_messages (recipient, id);
CREATE INDEX outbox_messages_by_key ON outbox_messages (payload_key_id, id);

CREATE TABLE audit_entries (
    id TEXT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    result TEXT NOT NULL,
    subject_user_id TEXT,
    organization_id TEXT,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL,
    session_id TEXT,
    details TEXT NOT NULL,
    seal BIGINT
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_user_id, id);
CREATE INDEX audit_entries_by_organization ON audit_entries (organization_id, id);
CREATE INDEX audit_entries_by_action ON audit_entries (action, id);
CREATE INDEX audit_entries_by_seal ON audit_entries (seal, id);

CREATE TABLE messages (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    read_at TIMESTAMP
);
CREATE INDEX messages_by_user ON messages (user_id, id);
CREATE INDEX messages_unread ON messages (user_id, read_at);

CREATE TABLE throttles (
    key TEXT PRIMARY KEY NOT NULL,
    count BIGINT NOT NULL,
    window_start TIMESTAMP NOT NULL,
    blocked_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (updated_at);

CREATE TABLE registrations (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    registration_code_id TEXT,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    address_1 TEXT NOT NULL,
    address_2 TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    zip_code TEXT NOT NULL,
    phone TEXT NOT NULL,
    fax TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_step_at TIMESTAMP NOT NULL
);
CREATE INDEX registrations_by_username ON registrations (username_lower);
CREATE INDEX registrations_by_email ON registrations (email_lower);
CREATE INDEX registrations_by_age ON registrations (created_at);
