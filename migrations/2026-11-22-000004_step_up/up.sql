-- A session that shows a factor again keeps where it came from: signed in, or at the choice of an
-- organization, and which organization it is about to enter.
ALTER TABLE sessions ADD COLUMN resume_stage TEXT;
ALTER TABLE sessions ADD COLUMN entering_organization_id TEXT;
-- The last use of the console, whose idle limit is shorter.
ALTER TABLE sessions ADD COLUMN console_seen_at TIMESTAMP;
