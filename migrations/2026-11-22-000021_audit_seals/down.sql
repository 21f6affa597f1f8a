DROP INDEX audit_entries_by_actor;
DROP TABLE audit_seals;
