-- As 2026-11-22-000120_running_pauses.
CREATE INDEX domain_identities_proving ON domain_identities (user_id) WHERE second_factor_at IS NOT NULL;
