//! SQLite files that are copies: marking one as such, looking at one, putting one in the database's place.
//! PostgreSQL has tools of its own for all of that.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::Fault;

/// What a copy says of itself; see `models::restore_marks`. One of an older schema gets the table as its
/// migration makes it.
const MARK: &str = "CREATE TABLE IF NOT EXISTS restore_marks (id TEXT PRIMARY KEY NOT NULL, mark TEXT NOT NULL);
    INSERT OR REPLACE INTO restore_marks (id, mark) VALUES ('database', 'copy');";
/// Beside a SQLite file while it is open, or was when the program was killed.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// Marks a copy as one.
pub fn mark(copy: &str) -> Result<(), Fault> {
    Ok(open(Path::new(copy))?.batch_execute(MARK)?)
}

/// Whether a file is a database of this program, and whole; the error says what is wrong with it.
pub fn check(copy: &Path) -> Result<(), Fault> {
    let name = copy.display();
    let mut conn = open(copy)?;
    conn.batch_execute("PRAGMA query_only = ON")?;
    let found = lines(&mut conn, "SELECT quick_check AS line FROM pragma_quick_check")
        .map_err(|e| Fault::Other(format!("{name} cannot be read: {e}")))?;
    if found != ["ok"] {
        return Err(Fault::Other(format!("{name} is damaged: {}", found[..found.len().min(3)].join("; "))));
    }
    lines(&mut conn, "SELECT version AS line FROM __diesel_schema_migrations")
        .map_err(|_| Fault::Other(format!("{name} is no database of this program")))?;
    Ok(())
}

/// Whether another program has this database open. One that cannot be read is in nobody's use.
pub fn is_in_use(database: &Path) -> bool {
    let alone = "PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK;";
    let alone = open(database).is_ok_and(|mut conn| conn.batch_execute(alone).is_ok());
    let readable = || open(database).is_ok_and(|mut c| lines(&mut c, "SELECT name AS line FROM sqlite_master").is_ok());
    !alone && readable()
}

/// Puts a copy where the database is, at once or not at all. What was there before is kept under the name
/// that is given back.
pub fn put_back(copy: &Path, database: &Path, at: u64) -> io::Result<Option<PathBuf>> {
    let coming = with(database, ".coming");
    // Made anew and for its owner alone, whatever lies there and whoever may read the copy: whoever runs
    // this may be root, and the folder is the portal's.
    match fs::remove_file(&coming) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&coming)?;
    io::copy(&mut File::open(copy)?, &mut file)?;
    file.sync_all()?;
    let mut kept = None;
    if let Ok(before) = fs::metadata(database) {
        fchown(&file, Some(before.uid()), Some(before.gid()))?;
        let aside = with(database, &format!(".before-{at}"));
        fs::hard_link(database, &aside)?;
        kept = Some(aside);
    }
    // A log of the old file would be taken for one of the new.
    for ending in [LOG, INDEX] {
        let old = with(database, ending);
        match &kept {
            Some(aside) if old.exists() => fs::rename(old, with(aside, ending))?,
            _ if old.exists() => fs::remove_file(old)?,
            _ => {}
        }
    }
    fs::rename(&coming, database)?;
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(kept)
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Without changing how it keeps its log; the file has to be there.
fn open(path: &Path) -> Result<SqliteConnection, Fault> {
    let missing = || Fault::Other(format!("there is no database at {}", path.display()));
    let name = path.to_str().filter(|_| path.is_file()).ok_or_else(missing)?;
    SqliteConnection::establish(name).map_err(|e| Fault::Unreachable(e.to_string()))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(conn: &mut SqliteConnection, sql: &str) -> Result<Vec<String>, diesel::result::Error> {
    Ok(sql_query(sql).load::<Line>(conn)?.into_iter().map(|row| row.line).collect())
}
