DROP INDEX sessions_by_organization;
DROP TABLE hardware_tokens;
