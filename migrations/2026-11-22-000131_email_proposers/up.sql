-- Who proposed an address: it counts for as long as they may.
ALTER TABLE email_changes ADD COLUMN proposer_id TEXT;
