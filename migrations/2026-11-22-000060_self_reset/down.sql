ALTER TABLE users DROP COLUMN identity_changed_at;
ALTER TABLE users DROP COLUMN set_up_demanded;
DROP TABLE sandbox_identity_sessions;
DROP TABLE stripe_events;
DROP TABLE identity_checks;
DROP TABLE self_resets;
