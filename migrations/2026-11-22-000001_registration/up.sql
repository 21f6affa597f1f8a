-- Codes that belong to something else than a sign-in: a registration, a forgotten password.
ALTER TABLE one_time_codes ADD COLUMN subject_id TEXT;
ALTER TABLE one_time_codes ADD COLUMN destination TEXT;
CREATE INDEX one_time_codes_by_subject ON one_time_codes (subject_id, created_at);

-- How far a registration has come after its link.
ALTER TABLE registrations ADD COLUMN method TEXT;
ALTER TABLE registrations ADD COLUMN verified_email TEXT;
ALTER TABLE registrations ADD COLUMN user_id TEXT;
