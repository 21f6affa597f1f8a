-- What was remembered up to then is void: Remember Me was switched off at that time.
ALTER TABLE organizations ADD COLUMN remembered_since TIMESTAMP;
CREATE INDEX memberships_by_exemption ON memberships (organization_id, exempt_until, id);
