//! The schema: migrations, and after them the triggers that no migration can hold.

use diesel::RunQueryDsl;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, DbConnection, Fault, append_only, each, health, in_transaction};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// Any number that nothing else in the database locks with.
const LOCK: i64 = 7_315_041_126;

impl Db {
    /// Brings the schema up to date. Safe to run on every start, by many nodes at once. Where nothing
    /// is to be done it only reads, so that a node's role needs no right to change the schema once
    /// another role has run `vestibule migrate` (ASVS 13.2.2).
    pub fn migrate(&self) -> Result<(), Fault> {
        {
            let conn = &mut *self.connection()?;
            if is_migrated(conn)? {
                if append_only::is_installed(conn)? {
                    return Ok(());
                }
                tracing::warn!("triggers that keep the audit log as it was written are missing: they are made anew");
            }
        }
        match &self.writer {
            Some(writer) => writer.run_blocking(apply)?,
            None => apply(&mut *self.connection()?),
        }
    }
}

fn apply(conn: &mut DbConnection) -> Result<(), Fault> {
    if let DbConnection::Pg(c) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(c)?;
    }
    let done = each!(conn, |c| c.run_pending_migrations(MIGRATIONS).map(|_| ()))
        .map_err(|e| Fault::Other(format!("migration: {e}")))
        .and_then(|()| in_transaction(conn, append_only::install));
    if let DbConnection::Pg(c) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(c)?;
    }
    done
}

/// Whether nothing is missing: no migration, no trigger.
pub fn is_up_to_date(conn: &mut DbConnection) -> Result<bool, Fault> {
    Ok(is_migrated(conn)? && append_only::is_installed(conn)?)
}

/// Diesel's own check makes its table if need be; this one only reads.
fn is_migrated(conn: &mut DbConnection) -> Result<bool, Fault> {
    let table = match conn {
        DbConnection::Sqlite(_) => "SELECT name AS line FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        DbConnection::Pg(_) => "SELECT 'here' AS line WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL",
    };
    // Without the table no migration is applied; whatever else keeps it from being read is a fault.
    if health::lines(conn, table)?.is_empty() {
        return Ok(false);
    }
    let applied = health::lines(conn, "SELECT version AS line FROM __diesel_schema_migrations")?;
    let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS)
        .map_err(|e| Fault::Other(format!("migrations: {e}")))?;
    Ok(known.iter().all(|migration| applied.contains(&migration.name().version().to_string())))
}
