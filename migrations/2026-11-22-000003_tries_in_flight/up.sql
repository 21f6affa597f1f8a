-- Tries that are being judged right now: they count as failures only once they were judged wrong.
ALTER TABLE throttles ADD COLUMN in_flight BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_remembered_browser ON sessions (remembered_browser_id);
