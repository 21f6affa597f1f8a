-- What the forms of a signed-in session are tied to while it goes from one organization to the next.
ALTER TABLE sessions ADD COLUMN forms_of TEXT;
