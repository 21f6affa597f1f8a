ALTER TABLE email_changes DROP COLUMN proposer_id;
