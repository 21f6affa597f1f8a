ALTER TABLE registrations DROP COLUMN user_id;
ALTER TABLE registrations DROP COLUMN verified_email;
ALTER TABLE registrations DROP COLUMN method;
DROP INDEX one_time_codes_by_subject;
ALTER TABLE one_time_codes DROP COLUMN destination;
ALTER TABLE one_time_codes DROP COLUMN subject_id;
