-- As 2026-11-22-000120_running_pauses.
CREATE INDEX users_not_active ON users (account, id) WHERE account <> 'active';
