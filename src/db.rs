//! Two databases behind one enum: connections, `read()` and `write()`.
//!
//! SQLite has one writer connection on a thread of its own and a small pool of read-only ones;
//! PostgreSQL has one pool. Every write is one transaction: BEGIN IMMEDIATE on SQLite, so that two
//! writers never meet half-way; READ COMMITTED with conditional UPDATEs on PostgreSQL.

mod after_commit;
mod append_only;
pub mod copies;
mod health;
mod manager;
mod migrations;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};

pub use after_commit::after_commit;
use health::Health;
pub use manager::{Manager, Target};
pub use writer::LAST_READERS;
use writer::Writer;

const SQLITE_READERS: u32 = 4;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

/// Writes one query body into both arms, for what diesel's enum cannot express:
/// upserts, batch inserts, row locks and raw SQL.
macro_rules! each {
    ($conn:expr, |$c:ident| $query:expr) => {
        match $conn {
            $crate::db::DbConnection::Sqlite($c) => $query,
            $crate::db::DbConnection::Pg($c) => $query,
        }
    };
}
pub(crate) use each;

/// What goes wrong and is nobody's input: the answer is always "deny and say so" (ASVS 16.5.2).
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// There is no connection, or it broke: the server restarts, the file is gone. Soon it may be there again.
    #[error("no database connection: {0}")]
    Unreachable(String),
    #[error("encryption at rest: {0}")]
    Sealed(#[from] crate::secrets::SealError),
    #[error("too busy; try again in {retry_after_seconds} s")]
    Busy { retry_after_seconds: u64 },
    /// A try came too soon after the one before; nothing was looked at.
    #[error("too soon; to be tried again in {wait:?}")]
    TooSoon { wait: Duration },
    /// The session an act belongs to ended while the act was under way.
    #[error("the session has ended")]
    Ended,
    /// The role an act needs was taken away while the act was under way.
    #[error("the role was taken away")]
    Demoted,
    #[error("{0}")]
    Other(String),
}

impl From<diesel::result::Error> for Fault {
    fn from(error: diesel::result::Error) -> Self {
        if is_broken(&error) {
            return Self::Unreachable(error.to_string());
        }
        if is_crossed(&error) {
            tracing::warn!(%error, "a transaction gave way");
            return Self::Busy { retry_after_seconds: 2 };
        }
        Self::Database(error)
    }
}

/// Whether the connection is what failed, rather than the statement.
fn is_broken(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind::*, Error::*};
    match error {
        DatabaseError(ClosedConnection | UnableToSendCommand, _) | BrokenTransactionManager => true,
        RollbackErrorOnCommit { commit_error, .. } => is_broken(commit_error),
        _ => false,
    }
}

/// Whether PostgreSQL ended this transaction because of another one, which goes on: 40001, and 40P01, which
/// Diesel tells by its words alone. `domain::locks` is there so that it never comes to that.
fn is_crossed(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind::*, Error::*};
    match error {
        DatabaseError(SerializationFailure, _) => true,
        DatabaseError(Unknown, told) => told.message() == "deadlock detected",
        RollbackErrorOnCommit { commit_error, .. } => is_crossed(commit_error),
        _ => false,
    }
}

impl Fault {
    /// Whether an INSERT or UPDATE met an existing row with the same unique value.
    pub fn is_unique_violation(&self) -> bool {
        use diesel::result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError};
        matches!(self, Self::Database(DatabaseError(UniqueViolation, _)))
    }
}

/// The database of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: r2d2::Pool<Manager>,
    writer: Option<Arc<Writer>>,
    target: Target,
    health: Arc<Health>,
}

impl Db {
    /// Opens the database; blocks until a first connection stands or `Fault::Unreachable`.
    pub fn open(url: &str, pool_size: u32) -> Result<Self, Fault> {
        let target = Target::parse(url)?;
        let sqlite = matches!(target, Target::Sqlite(_));
        // The writer comes first: it makes the file and sets WAL before any reader opens it.
        let writer = match sqlite {
            true => Some(Arc::new(Writer::start(&target).map_err(|fault| health::why_not(&target, fault))?)),
            false => None,
        };
        let pool = r2d2::Pool::builder()
            .max_size(if sqlite { SQLITE_READERS } else { pool_size })
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .build(Manager::new(target.clone()))
            .map_err(|e| Fault::Unreachable(e.to_string()))?;
        Ok(Self { pool, writer, target, health: Arc::default() })
    }

    /// Ends the writing, once: on SQLite the database is whole in its one file from then on.
    pub fn close(&self) {
        if let Some(writer) = &self.writer {
            writer.end();
        }
    }

    /// Whether the database answers, takes writes, and its schema is the one this program knows.
    pub async fn is_ready(&self) -> Result<bool, Fault> {
        // Connections that are open go on working with a file that was deleted, until the next start.
        if self.target.is_missing() {
            return Err(Fault::Unreachable("the database file is gone".into()));
        }
        Ok(self.read(migrations::is_up_to_date).await? && self.takes_writes().await.map(|()| true)?)
    }

    /// Runs `f` on a reading connection, off the async threads. On SQLite all of it sees one state of the
    /// database.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let db = self.clone();
        off_thread(move || in_snapshot(&mut *db.connection()?, f)).await
    }

    /// Runs `f` in one writing transaction: all of it or, when `f` fails or panics, nothing.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        match &self.writer {
            Some(writer) => writer.run(move |conn| in_transaction(conn, f)).await?,
            None => {
                let db = self.clone();
                off_thread(move || in_transaction(&mut *db.connection()?, f)).await
            }
        }
    }

    /// A consistent copy of a SQLite database at `path` (VACUUM INTO); PostgreSQL has pg_dump.
    pub fn copy_to(&self, path: &str) -> Result<(), Fault> {
        let Some(writer) = &self.writer else {
            return Err(Fault::Other("use pg_dump to back up a PostgreSQL database".into()));
        };
        let path = path.to_owned();
        writer.run_blocking(move |conn| {
            let query = diesel::sql_query("VACUUM INTO $1").bind::<diesel::sql_types::Text, _>(path);
            each!(conn, |c| query.execute(c)).map(|_| ()).map_err(Fault::from)
        })?
    }

    fn connection(&self) -> Result<r2d2::PooledConnection<Manager>, Fault> {
        self.pool.get().map_err(|e| Fault::Unreachable(e.to_string()))
    }
}

async fn off_thread<T, E>(f: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Fault> + Send + 'static,
{
    match tokio::task::spawn_blocking(f).await {
        Ok(result) => result,
        Err(e) => Err(Fault::Other(format!("a database task ended early: {e}")).into()),
    }
}

/// SQLite takes and gives back its locks once for each transaction, and looks then whether others wrote:
/// statements on their own would do so one by one. PostgreSQL would need two more round trips.
fn in_snapshot<T, E: From<Fault>>(
    conn: &mut DbConnection,
    f: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    match conn {
        DbConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction(c).map_err(Fault::from)?,
        DbConnection::Pg(_) => return f(conn),
    }
    to_the_end(conn, f)
}

fn in_transaction<T, E: From<Fault>>(
    conn: &mut DbConnection,
    f: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    match conn {
        DbConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        DbConnection::Pg(c) => AnsiTransactionManager::begin_transaction(c),
    }
    .map_err(Fault::from)?;
    to_the_end(conn, f)
}

/// The rest of a transaction that has begun.
fn to_the_end<T, E: From<Fault>>(
    conn: &mut DbConnection,
    f: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    after_commit::forget();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(conn)));
    match result {
        Ok(Ok(value)) => {
            each!(conn, |c| AnsiTransactionManager::commit_transaction(c)).map_err(Fault::from)?;
            after_commit::run();
            Ok(value)
        }
        Ok(Err(error)) => {
            roll_back(conn);
            Err(error)
        }
        Err(panic) => {
            roll_back(conn);
            std::panic::resume_unwind(panic)
        }
    }
}

fn roll_back(conn: &mut DbConnection) {
    after_commit::forget();
    if let Err(e) = each!(conn, |c| AnsiTransactionManager::rollback_transaction(c)) {
        tracing::error!(error = %e, "a transaction could not be rolled back");
    }
}
