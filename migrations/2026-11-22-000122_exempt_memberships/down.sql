DROP INDEX memberships_exempt;
