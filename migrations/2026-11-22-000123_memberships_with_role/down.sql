DROP INDEX memberships_with_role;
