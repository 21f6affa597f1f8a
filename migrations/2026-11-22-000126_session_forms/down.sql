ALTER TABLE sessions DROP COLUMN forms_of;
