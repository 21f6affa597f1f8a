-- The hash chain over the audit log. Each seal names its entries by its number in their column "seal".
CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY NOT NULL,
    first_id TEXT NOT NULL,
    last_id TEXT NOT NULL,
    count BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    sealed_at TIMESTAMP NOT NULL
);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id);
