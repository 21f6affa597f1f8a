DELETE FROM factors WHERE pending_session_id IS NOT NULL;
DROP INDEX factors_by_pending;
ALTER TABLE factors DROP COLUMN pending_until;
ALTER TABLE factors DROP COLUMN pending_session_id;
