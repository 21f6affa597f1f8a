ALTER TABLE sessions DROP COLUMN domain_sign_in_id;
DROP TABLE domain_sign_ins;
DROP TABLE domain_identities;
ALTER TABLE organizations DROP COLUMN domain_sign_in;
