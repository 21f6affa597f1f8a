DROP TABLE mfa_reset_results;
DROP TABLE mfa_resets;
DROP TABLE directory_entries;
