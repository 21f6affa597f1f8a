-- What an organization has bought and hands out. Whose a token is and how it stands is told by its
-- factor alone; a factor that goes leaves the token available. Seeds are sealed for their row, once
-- here and once more in the factor.
CREATE TABLE hardware_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    serial TEXT NOT NULL,
    serial_lower TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    secret BYTEA NOT NULL,
    secret_key_id TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    period BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    factor_id TEXT UNIQUE REFERENCES factors (id) ON DELETE SET NULL,
    lost_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (organization_id, serial_lower)
);
CREATE INDEX hardware_tokens_by_key ON hardware_tokens (secret_key_id, id);
CREATE INDEX sessions_by_organization ON sessions (organization_id);
