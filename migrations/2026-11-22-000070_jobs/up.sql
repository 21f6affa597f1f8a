-- Long work: done one person at a time, and each with its item in one transaction.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    actor_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    parameters TEXT NOT NULL,
    reach TEXT NOT NULL,
    state TEXT NOT NULL,
    stopped_why TEXT,
    total BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    claimed_by TEXT,
    claimed_until TIMESTAMP,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL,
    session_id TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX jobs_due ON jobs (state, claimed_until, id);
CREATE INDEX jobs_by_actor ON jobs (actor_id, id);
CREATE INDEX jobs_by_age ON jobs (finished_at);

CREATE TABLE job_items (
    id TEXT PRIMARY KEY NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    subject_id TEXT,
    label TEXT NOT NULL,
    payload TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    finished_at TIMESTAMP,
    UNIQUE (job_id, position)
);
CREATE INDEX job_items_by_state ON job_items (job_id, state, position);
