-- Which database this is. A copy that was put back says something else than the database it now is, so
-- the portal notices at its start (domain::restored). `vestibule backup` makes this table in a copy of an older schema.
CREATE TABLE IF NOT EXISTS restore_marks (
    id TEXT PRIMARY KEY NOT NULL,
    mark TEXT NOT NULL
);
