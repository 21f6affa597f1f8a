-- Resetting one's own MFA: one request at a time per person. `live_user_id` is the user's id while it
-- lives and NULL afterwards. Names from the document are there only while a review is open.
CREATE TABLE self_resets (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    live_user_id TEXT UNIQUE,
    state TEXT NOT NULL,
    account_hash BYTEA NOT NULL,
    document BYTEA,
    document_key_id TEXT,
    score BIGINT,
    reasons TEXT NOT NULL,
    decided_by TEXT,
    note TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX self_resets_by_user ON self_resets (user_id, id);
CREATE INDEX self_resets_by_state ON self_resets (state, id);
CREATE INDEX self_resets_by_key ON self_resets (document_key_id, id);

-- One row per session with the identity provider; its id there, once it has answered.
CREATE TABLE identity_checks (
    id TEXT PRIMARY KEY NOT NULL,
    self_reset_id TEXT NOT NULL REFERENCES self_resets (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id TEXT UNIQUE,
    state TEXT NOT NULL,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    redacted_at TIMESTAMP
);
CREATE INDEX identity_checks_by_reset ON identity_checks (self_reset_id, id);
CREATE INDEX identity_checks_by_state ON identity_checks (state, updated_at, id);
CREATE INDEX identity_checks_by_user ON identity_checks (user_id, id);

-- Events of the provider that were acted on, each once.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY NOT NULL,
    signed_at BIGINT NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX stripe_events_by_age ON stripe_events (received_at);

-- Demo mode: the identity checks that a tester plays.
CREATE TABLE sandbox_identity_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    return_url TEXT NOT NULL,
    outcome TEXT,
    first_name TEXT,
    last_name TEXT,
    ready_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

-- After a reset of one's own a factor has to be set up, whatever the organization demands.
ALTER TABLE users ADD COLUMN set_up_demanded BOOLEAN NOT NULL DEFAULT FALSE;
-- When names or e-mail address last changed: whoever could do that could pass for the owner.
ALTER TABLE users ADD COLUMN identity_changed_at TIMESTAMP;
