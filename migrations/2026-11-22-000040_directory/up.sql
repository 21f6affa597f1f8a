-- What lists of people are sorted and searched by, one row per membership and kind: 0 "last first",
-- 1 "first last", 2 username, 3 e-mail address. Keys are lower-case UTF-8 as bytes, so that both
-- databases compare them alike, whatever their collation. Rows of older memberships are written by
-- the running portal (domain::directory::catch_up).
CREATE TABLE directory_entries (
    membership_id TEXT NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    organization_id TEXT NOT NULL,
    key BYTEA NOT NULL,
    PRIMARY KEY (membership_id, kind)
);
CREATE INDEX directory_entries_by_organization ON directory_entries (organization_id, kind, key, membership_id);
CREATE INDEX directory_entries_by_key ON directory_entries (kind, key, membership_id);

-- Resets as they were asked for, and what became of each person: a receipt, and what makes a second
-- click the same reset.
CREATE TABLE mfa_resets (
    reference TEXT PRIMARY KEY NOT NULL,
    actor_id TEXT,
    organization_id TEXT,
    scope TEXT NOT NULL,
    label TEXT NOT NULL,
    via TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX mfa_resets_by_age ON mfa_resets (created_at);

CREATE TABLE mfa_reset_results (
    reference TEXT NOT NULL REFERENCES mfa_resets (reference) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (reference, position)
);
