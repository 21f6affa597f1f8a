-- An authenticator that is being set up belongs to one session, for ten minutes.
ALTER TABLE factors ADD COLUMN pending_session_id TEXT;
ALTER TABLE factors ADD COLUMN pending_until TIMESTAMP;
CREATE INDEX factors_by_pending ON factors (pending_until);
