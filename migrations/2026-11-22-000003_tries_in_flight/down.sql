DROP INDEX sessions_by_remembered_browser;
ALTER TABLE throttles DROP COLUMN in_flight;
