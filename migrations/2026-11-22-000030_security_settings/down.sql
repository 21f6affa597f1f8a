DROP INDEX memberships_by_exemption;
ALTER TABLE organizations DROP COLUMN remembered_since;
