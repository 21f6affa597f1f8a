//! Connections for r2d2. Diesel's own way takes any bare name for SQLite and hides the true error.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::{DbConnection, Fault, each};

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Target {
    /// Path of the file.
    Sqlite(String),
    /// A libpq URL.
    Pg(String),
}

impl Target {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`; anything else is refused.
    pub fn parse(url: &str) -> Result<Self, Fault> {
        match url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned()))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Pg(url.to_owned())),
            _ => Err(Fault::Other("database.url must begin with sqlite: or postgres://".into())),
        }
    }

    /// The path of a SQLite file; a URL may hold a password, so it is not told.
    pub fn name(&self) -> &str {
        match self {
            Self::Sqlite(path) => path,
            Self::Pg(_) => "on PostgreSQL",
        }
    }

    /// Whether this is a SQLite file and it is not where it was.
    pub fn is_missing(&self) -> bool {
        match self {
            // SQLite's own URIs say themselves what may be made.
            Self::Sqlite(path) => !path.starts_with("file:") && !Path::new(path).exists(),
            Self::Pg(_) => false,
        }
    }

    /// Opens a connection that may write (`writer`) or, on SQLite, only read.
    pub fn connect(&self, writer: bool) -> Result<DbConnection, diesel::ConnectionError> {
        match self {
            Self::Pg(url) => Ok(DbConnection::Pg(PgConnection::establish(url)?)),
            Self::Sqlite(path) => {
                // SQLite would make an empty file, which nobody could tell from the one that is gone.
                if !writer && self.is_missing() {
                    return Err(diesel::ConnectionError::BadConnection("the database file is gone".into()));
                }
                let mut conn = SqliteConnection::establish(path)?;
                // busy_timeout first: switching to WAL itself may meet a lock.
                conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
                    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                if !writer {
                    conn.batch_execute("PRAGMA query_only = ON;")
                        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                }
                Ok(DbConnection::Sqlite(conn))
            }
        }
    }
}

/// Makes and checks pooled connections.
pub struct Manager(Target);

impl Manager {
    pub fn new(target: Target) -> Self {
        Self(target)
    }
}

/// Why a pooled connection could not be made or is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ManagerError {
    #[error(transparent)]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl r2d2::ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = ManagerError;

    fn connect(&self) -> Result<DbConnection, ManagerError> {
        Ok(self.0.connect(false)?)
    }

    fn is_valid(&self, conn: &mut DbConnection) -> Result<(), ManagerError> {
        match conn {
            // An open file does not go away; asking would cost every read a second query.
            DbConnection::Sqlite(_) => Ok(()),
            DbConnection::Pg(c) => Ok(c.batch_execute("SELECT 1")?),
        }
    }

    fn has_broken(&self, conn: &mut DbConnection) -> bool {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        std::thread::panicking() || each!(conn, |c| AnsiTransactionManager::is_broken_transaction_manager(c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::RunQueryDsl;

    #[derive(diesel::QueryableByName)]
    struct CompileOption {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }

    /// What `.cargo/config.toml` asks for; without it every page costs twice the processor time.
    #[test]
    fn sqlite_is_compiled_as_measured() {
        let mut conn = SqliteConnection::establish(":memory:").expect("a connection in memory");
        let rows: Vec<CompileOption> =
            diesel::sql_query("PRAGMA compile_options").load(&mut conn).expect("the options it was compiled with");
        let has = |name: &str| rows.iter().any(|row| row.compile_options == name);
        assert!(has("ENABLE_QPSG"), "bound limits would be planned anew at each use");
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"), "all threads would share one page cache");
    }
}
