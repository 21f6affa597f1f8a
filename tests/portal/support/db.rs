//! A database for one test: a file on SQLite, a schema on PostgreSQL when `TEST_DATABASE_URL` is set.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;
use vestibule::db::Db;

/// Connections per pool on PostgreSQL: tests run side by side.
const POOL: u32 = 4;

/// A migrated database; its file or schema goes when this is dropped.
pub struct TestDb {
    db: Db,
    url: String,
    _place: Place,
}

/// The PostgreSQL that the tests are to use; `None` for SQLite. An empty variable is as good as none.
pub fn postgres_url() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// A folder or a schema, gone when dropped.
pub enum Place {
    File { _dir: TempDir },
    Schema { url: String, name: String },
}

impl TestDb {
    pub fn new() -> Self {
        let (url, place) = Self::place();
        let db = Db::open(&url, POOL).expect("the database opens");
        db.migrate().expect("the schema is made");
        Self { db, url, _place: place }
    }

    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// Where a place for a database is, without anything in it yet.
    pub fn place() -> (String, Place) {
        postgres_url().map_or_else(file, schema)
    }

    /// The same database once more, as another node opens it.
    pub fn another_node(&self) -> Db {
        Db::open(&self.url, POOL).expect("the database opens")
    }
}

fn file() -> (String, Place) {
    let dir = TempDir::new().expect("a temporary directory");
    (format!("sqlite:{}", dir.path().join("test.sqlite3").display()), Place::File { _dir: dir })
}

fn schema(url: String) -> (String, Place) {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    execute(&url, &format!("CREATE SCHEMA {name}"));
    let joint = if url.contains('?') { '&' } else { '?' };
    (format!("{url}{joint}options=-csearch_path%3D{name}"), Place::Schema { url, name })
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Schema { url, name } = self {
            // Bounded: a connection of the test's own may still be busy with it.
            execute(url, &format!("SET lock_timeout = '10s'; DROP SCHEMA {name} CASCADE"));
        }
    }
}

fn execute(url: &str, sql: &str) {
    let done = PgConnection::establish(url).map_err(|e| e.to_string());
    let done = done.and_then(|mut conn| conn.batch_execute(sql).map_err(|e| e.to_string()));
    // A test that is failing already must not panic a second time.
    if !std::thread::panicking() {
        done.expect("the test's schema is made and dropped");
    }
}
