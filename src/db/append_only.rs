//! Triggers that keep the audit log as it was written, whoever asks: an entry may get its seal once,
//! and nothing else about it changes; seals never change. The two databases have no trigger language
//! in common, so this is the one place outside `migrations/` that makes something in the schema.
//! ASVS 16.4.2.

use diesel::connection::SimpleConnection;

use super::health::lines;
use super::{DbConnection, Fault};

const SQLITE: &str = "
DROP TRIGGER IF EXISTS audit_entries_insert;
CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
WHEN NEW.seal IS NOT NULL OR EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an audit entry is written once and sealed later'); END;

DROP TRIGGER IF EXISTS audit_entries_update;
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
WHEN OLD.seal IS NOT NULL OR NEW.seal IS NULL OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at
  OR NEW.actor_kind IS NOT OLD.actor_kind OR NEW.actor_id IS NOT OLD.actor_id OR NEW.action IS NOT OLD.action
  OR NEW.result IS NOT OLD.result OR NEW.subject_user_id IS NOT OLD.subject_user_id
  OR NEW.organization_id IS NOT OLD.organization_id OR NEW.address IS NOT OLD.address
  OR NEW.user_agent IS NOT OLD.user_agent OR NEW.request_id IS NOT OLD.request_id
  OR NEW.session_id IS NOT OLD.session_id OR NEW.details IS NOT OLD.details
BEGIN SELECT RAISE(ABORT, 'an audit entry never changes'); END;

DROP TRIGGER IF EXISTS audit_entries_delete;
CREATE TRIGGER audit_entries_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed'); END;

DROP TRIGGER IF EXISTS audit_seals_update;
CREATE TRIGGER audit_seals_update BEFORE UPDATE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'a seal never changes'); END;

DROP TRIGGER IF EXISTS audit_seals_delete;
CREATE TRIGGER audit_seals_delete BEFORE DELETE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'a seal is never removed'); END;
";

const POSTGRESQL: &str = "
CREATE OR REPLACE FUNCTION audit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.seal IS NULL THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND OLD.seal IS NULL AND NEW.seal IS NOT NULL
    AND to_jsonb(NEW) - 'seal' = to_jsonb(OLD) - 'seal' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'an audit entry never changes and is never removed';
END $$;
CREATE OR REPLACE FUNCTION audit_seals_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a seal never changes and is never removed';
END $$;

DROP TRIGGER IF EXISTS audit_entries_row ON audit_entries;
CREATE TRIGGER audit_entries_row BEFORE INSERT OR UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION audit_entries_guard();
DROP TRIGGER IF EXISTS audit_entries_truncate ON audit_entries;
CREATE TRIGGER audit_entries_truncate BEFORE TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_guard();
DROP TRIGGER IF EXISTS audit_seals_row ON audit_seals;
CREATE TRIGGER audit_seals_row BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION audit_seals_guard();
DROP TRIGGER IF EXISTS audit_seals_truncate ON audit_seals;
CREATE TRIGGER audit_seals_truncate BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION audit_seals_guard();
";

const SQLITE_HAS: &str = "SELECT name AS line FROM sqlite_master WHERE type = 'trigger'";

/// One that is switched off is as good as none.
const POSTGRESQL_HAS: &str = "SELECT tgname::text AS line FROM pg_trigger
    WHERE tgrelid IN (to_regclass('audit_entries'), to_regclass('audit_seals')) AND tgenabled IN ('O', 'A')";

/// Whether all of them are there.
pub fn is_installed(conn: &mut DbConnection) -> Result<bool, Fault> {
    let (made, has) = match conn {
        DbConnection::Sqlite(_) => (SQLITE, SQLITE_HAS),
        DbConnection::Pg(_) => (POSTGRESQL, POSTGRESQL_HAS),
    };
    let there = lines(conn, has)?;
    let mut names = made.split("CREATE TRIGGER ").skip(1).filter_map(|rest| rest.split_whitespace().next());
    Ok(names.all(|name| there.iter().any(|found| found == name)))
}

/// Makes them, or makes them anew. In a transaction: nobody finds half of them.
pub fn install(conn: &mut DbConnection) -> Result<(), Fault> {
    match conn {
        DbConnection::Sqlite(c) => c.batch_execute(SQLITE),
        DbConnection::Pg(c) => c.batch_execute(POSTGRESQL),
    }
    .map_err(Fault::from)
}
