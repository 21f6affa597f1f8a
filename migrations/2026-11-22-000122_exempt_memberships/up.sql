-- As 2026-11-22-000120_running_pauses.
CREATE INDEX memberships_exempt ON memberships (exempt_until, id) WHERE exempt_until IS NOT NULL;
