-- Whether people of an organization sign in with domain accounts: off, allowed, or only so.
ALTER TABLE organizations ADD COLUMN domain_sign_in TEXT NOT NULL DEFAULT 'off';

-- Who somebody is at the provider. An e-mail address says nothing here.
CREATE TABLE domain_identities (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    second_factor_at TIMESTAMP,
    UNIQUE (issuer, subject),
    UNIQUE (user_id, issuer)
);

-- One row per press of LOGIN: any node may go on with it. State, nonce and verifier are worked out from
-- the browser's cookie, of which only the hash is here.
CREATE TABLE domain_sign_ins (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL,
    return_to TEXT,
    session_id TEXT,
    issuer TEXT NOT NULL,
    subject TEXT,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    second_factor_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX domain_sign_ins_by_expiry ON domain_sign_ins (expires_at);
CREATE INDEX domain_sign_ins_by_user ON domain_sign_ins (user_id, id);

-- The domain sign-in a session came by.
ALTER TABLE sessions ADD COLUMN domain_sign_in_id TEXT;
