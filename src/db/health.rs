//! Whether the database can be worked with: looked at whole before anything is served, and asked for one small
//! write whenever a load balancer wants to know.

use std::fmt::Display;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::{Db, DbConnection, Fault, Target};

/// However many ask, the disk is written to only so often.
const WRITES_EVERY: Duration = Duration::from_secs(1);

/// A larger file, in bytes, is looked through beside the first requests: it takes seconds per gigabyte.
const AT_ONCE: u64 = 64 << 20;

/// What the last small write came to.
#[derive(Default)]
pub struct Health {
    last: Mutex<Last>,
    /// What was found wrong with the file; another one needs another start.
    damaged: OnceLock<String>,
}

#[derive(Default)]
struct Last {
    at: Option<Instant>,
    writes: i32,
    failed: Option<String>,
}

impl Health {
    /// The number to write next, for the one caller whose turn it is; the others take the last result.
    fn turn(&self) -> Result<Option<i32>, Fault> {
        if let Some(why) = self.damaged.get() {
            return Err(Fault::Unreachable(why.clone()));
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.at.is_some_and(|at| at.elapsed() < WRITES_EVERY) {
            return last.failed.clone().map_or(Ok(None), |why| Err(Fault::Unreachable(why)));
        }
        last.at = Some(Instant::now());
        last.writes = last.writes.wrapping_add(1);
        Ok(Some(last.writes))
    }

    fn note(&self, failed: Option<String>) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).failed = failed;
    }
}

impl Db {
    /// Whether a write would go through: the disk has room and is not read-only, the server is no standby.
    pub(super) async fn takes_writes(&self) -> Result<(), Fault> {
        if self.writer.is_none() {
            return self.read(is_primary).await;
        }
        let Some(number) = self.health.turn()? else { return Ok(()) };
        let db = self.clone();
        // On its own: whoever asked may hang up, and the next one is told what came of it all the same.
        let told = tokio::spawn(async move {
            let done = db.write(move |conn| write(conn, number)).await;
            db.health.note(done.as_ref().err().map(ToString::to_string));
            done
        });
        told.await.unwrap_or_else(|e| Err(Fault::Other(format!("the small write ended early: {e}"))))
    }

    /// Looks through a SQLite file before anything relies on it; the error says what to do. A PostgreSQL server
    /// looks after its own.
    pub fn examine(&self) -> Result<(), Fault> {
        self.examine_up_to(AT_ONCE)
    }

    fn examine_up_to(&self, at_once: u64) -> Result<(), Fault> {
        let (Target::Sqlite(path), Some(writer)) = (&self.target, &self.writer) else { return Ok(()) };
        if std::fs::metadata(path).is_ok_and(|file| file.len() > at_once) {
            let db = self.clone();
            std::thread::Builder::new()
                .name("sqlite-examiner".into())
                .spawn(move || {
                    if let Err(fault) = db.look_through() {
                        tracing::error!(%fault, "not ready any more");
                        let _ = db.health.damaged.set(fault.to_string());
                    }
                })
                .map_err(|e| Fault::Other(format!("the database is not looked through: {e}")))?;
        } else {
            self.look_through()?;
        }
        writer
            .run_blocking(|conn| super::in_transaction(conn, |conn| write(conn, 0)))?
            .map_err(|fault| cannot_be(path, "written", fault))
    }

    fn look_through(&self) -> Result<(), Fault> {
        let name = self.target.name();
        look_through(&mut self.target.connect(false).map_err(|e| cannot_be(name, "opened", e))?, name)
    }
}

/// Whether every page of a SQLite file is what it should be.
fn look_through(conn: &mut DbConnection, name: &str) -> Result<(), Fault> {
    let found = lines(conn, "SELECT quick_check AS line FROM pragma_quick_check");
    let found = found.unwrap_or_else(|fault| vec![fault.to_string()]);
    if found == ["ok"] {
        return Ok(());
    }
    let found = found[..found.len().min(3)].join("; ");
    let advice = "put a copy back with vestibule restore --from COPY";
    Err(Fault::Other(format!("the database {name} is damaged: {advice} ({found})")))
}

/// Why a SQLite file could not be set up for writing: it is damaged, or whole and closed to us.
pub fn why_not(target: &Target, fault: Fault) -> Fault {
    let name = target.name();
    match SqliteConnection::establish(name) {
        Ok(conn) => match look_through(&mut DbConnection::Sqlite(conn), name) {
            Ok(()) => cannot_be(name, "written", fault),
            Err(damaged) => damaged,
        },
        Err(e) => cannot_be(name, "opened", e),
    }
}

fn cannot_be(name: &str, what: &str, why: impl Display) -> Fault {
    Fault::Other(format!("the database {name} cannot be {what}: {why}"))
}

/// A number in the file's head that nothing else uses; the same number again would write nothing.
fn write(conn: &mut DbConnection, number: i32) -> Result<(), Fault> {
    match conn {
        DbConnection::Sqlite(c) => Ok(c.batch_execute(&format!("PRAGMA user_version = {number}"))?),
        DbConnection::Pg(_) => Ok(()),
    }
}

fn is_primary(conn: &mut DbConnection) -> Result<(), Fault> {
    match lines(conn, "SELECT current_setting('transaction_read_only') AS line")?.first().map(String::as_str) {
        Some("off") => Ok(()),
        _ => Err(Fault::Unreachable("the database server only reads".into())),
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// The column `line` of every row.
pub fn lines(conn: &mut DbConnection, sql: &str) -> Result<Vec<String>, Fault> {
    let rows: Vec<Line> = super::each!(conn, |c| sql_query(sql).load(c))?;
    Ok(rows.into_iter().map(|row| row.line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    /// Whoever asks hangs up while the write waits: what comes of it is told to the next one.
    #[tokio::test]
    async fn an_asker_who_hangs_up_leaves_the_answer_to_the_others() {
        let dir = tempfile::TempDir::new().expect("a temporary folder");
        let db = Db::open(&format!("sqlite:{}", dir.path().join("a.db").display()), 1).expect("it opens");
        db.migrate().expect("the schema is made");
        assert!(db.is_ready().await.expect("it answers"));
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let (here, is_here) = std::sync::mpsc::channel::<()>();
        let writer = db.writer.clone().expect("SQLite has one");
        let busy = std::thread::spawn(move || {
            writer.run_blocking(move |conn| {
                here.send(()).expect("somebody waits for it");
                wait.recv().expect("it goes on");
                super::super::each!(conn, |c| c.batch_execute("PRAGMA query_only = ON"))
            })
        });
        // Whoever asks comes after it.
        is_here.recv().expect("the writer has come to it");
        // Its turn has come again.
        db.health.last.lock().expect("nobody panicked").at = None;
        // A look at the migrations comes before the write; then it waits for the writer.
        let begun = Instant::now();
        let mut asking = Box::pin(db.is_ready());
        while db.health.last.lock().expect("nobody panicked").at.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it is never asked");
            let _ = tokio::time::timeout(Duration::from_millis(5), &mut asking).await;
        }
        drop(asking);
        go_on.send(()).expect("the writer waits");
        busy.join().expect("no panic").expect("the writer answers").expect("it only reads from here on");
        while db.health.last.lock().expect("nobody panicked").failed.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody is told");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A large file: the node starts, and says that it is not ready once the damage is found.
    #[tokio::test]
    async fn damage_in_a_large_file_is_told_soon_after_the_start() {
        let dir = tempfile::TempDir::new().expect("a temporary folder");
        let path = dir.path().join("large.db");
        let db = Db::open(&format!("sqlite:{}", path.display()), 1).expect("it opens");
        db.migrate().expect("the schema is made");
        db.examine().expect("it is whole");
        // All of it into the file, whenever the last connection closes.
        let writer = db.writer.as_ref().expect("SQLite has one");
        let done = writer
            .run_blocking(|conn| super::super::each!(conn, |c| c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")));
        done.expect("the writer answers").expect("it is written");
        drop(db);
        let file = std::fs::File::options().write(true).open(&path).expect("the file");
        let pages = file.metadata().expect("its length").len() / 4_096;
        // The last pages are indexes of tables that starting does not read.
        file.write_all_at(&[0xA5; 4_096], (pages - 2) * 4_096).expect("it is damaged");
        let db = Db::open(&format!("sqlite:{}", path.display()), 1).expect("it opens");
        db.examine_up_to(0).expect("the node starts");
        let begun = Instant::now();
        while db.is_ready().await.is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nobody is told");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(db.examine().is_err_and(|fault| fault.to_string().contains("is damaged")));
    }
}
