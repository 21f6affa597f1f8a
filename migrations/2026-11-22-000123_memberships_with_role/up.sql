-- As 2026-11-22-000120_running_pauses.
CREATE INDEX memberships_with_role ON memberships (role, id) WHERE role <> 'member';
