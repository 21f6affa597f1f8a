//! Several nodes of the real program on one PostgreSQL, behind nginx with the file in `deploy/`: no sticky
//! sessions, nodes that are killed, nodes that are replaced. Ignored by default; they need PostgreSQL
//! (`TEST_DATABASE_URL`) and nginx (Debian).

mod database;
mod ending;
mod fleet;
mod proxied;
