ALTER TABLE sessions DROP COLUMN console_seen_at;
ALTER TABLE sessions DROP COLUMN entering_organization_id;
ALTER TABLE sessions DROP COLUMN resume_stage;
