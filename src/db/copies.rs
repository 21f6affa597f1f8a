//! SQLite files that are copies: marking one as such, looking at one, putting one in the database's place.
//! PostgreSQL has tools of its own for all of that.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use rustix::fs::{CWD, FlockOperation, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::Fault;

/// What a copy says of itself; see `models::restore_marks`. One of an older schema gets the table as its
/// migration makes it.
const MARK: &str = "CREATE TABLE IF NOT EXISTS restore_marks (id TEXT PRIMARY KEY NOT NULL, mark TEXT NOT NULL);
    INSERT OR REPLACE INTO restore_marks (id, mark) VALUES ('database', 'copy');";
/// Beside a SQLite file while it is open, or was when the program was killed.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";
/// The same of a file without such a log, which a copy is.
const JOURNAL: &str = "-journal";

/// Makes a copy: `fill` writes it as `TO.part`, closed to others from its first byte on, and it gets its name once
/// it is whole and says that it is one. A copy that nobody could tell from the original would bring old sessions
/// back to life. What a run that was killed has left as `TO.part` is written over.
pub fn make(to: &Path, fill: impl FnOnce(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    let failed = |what: &str, e: io::Error| Fault::Other(format!("{what} {}: {e}", to.display()));
    let part = with(to, ".part");
    let name = part.to_str().ok_or_else(|| Fault::Other("the copy's name must be UTF-8".into()))?;
    let taken = || Fault::Other(format!("{} exists already and was left alone", to.display()));
    // A link that leads nowhere is there too.
    let is_taken = || fs::symlink_metadata(to).is_ok();
    if is_taken() {
        return Err(taken());
    }
    let file = our_own(&part).map_err(|e| failed("there can be no file beside", e))?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(|e| failed("somebody else is writing", e.into()))?;
    // Whoever had it before may have given it its name meanwhile: then it is that very file.
    if is_taken() {
        return Err(taken());
    }
    let clear = |file: &File| {
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.set_len(0)?;
        [LOG, INDEX, JOURNAL].iter().try_for_each(|ending| remove(&with(&part, ending)))
    };
    let done =
        clear(&file).map_err(|e| failed("nothing can be written beside", e)).and_then(|()| fill(name)).and_then(|()| {
            mark(&part)?;
            file.sync_all()
                .and_then(|()| name_it(&part, to))
                .and_then(|()| sync_folder(to))
                .map_err(|e| failed("cannot finish", e))
        });
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}

/// A file to write to, made or left by an earlier run. Never what a link leads to, nor a file with another name or
/// another owner: whoever runs this may be root, and the folder somebody else's.
fn our_own(path: &Path) -> io::Result<File> {
    let no_link = OFlags::NOFOLLOW.bits().cast_signed();
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).custom_flags(no_link).open(path);
    let file = made?;
    let of = file.metadata()?;
    if of.is_file() && of.nlink() == 1 && of.uid() == geteuid().as_raw() {
        return Ok(file);
    }
    Err(io::Error::other(format!("{} is somebody else's", path.display())))
}

/// Gives a file its name, unless there is one of that name by now. Not every file system can promise that.
fn name_it(part: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, part, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => fs::rename(part, to),
        done => Ok(done?),
    }
}

/// Marks a copy as one.
fn mark(copy: &Path) -> Result<(), Fault> {
    Ok(open(copy)?.batch_execute(MARK)?)
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

/// What was there before a copy was put back.
pub struct Kept {
    pub path: PathBuf,
    /// Why it does not say of itself that it is a copy: it is damaged, mostly.
    pub unmarked: Option<Fault>,
}

/// Puts a copy where the database is, at once or not at all. What was there before is kept, marked as a copy:
/// whoever goes back to it by hand does not bring its sessions back.
pub fn put_back(copy: &Path, database: &Path, at: u64) -> io::Result<Option<Kept>> {
    let coming = with(database, ".coming");
    // Made anew and for its owner alone, whatever lies there and whoever may read the copy: whoever runs
    // this may be root, and the folder is the portal's.
    remove(&coming)?;
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
            _ => remove(&old)?,
        }
    }
    // Before it loses its place: whoever is killed in between finds a database that says it is a copy, and nobody in it.
    let kept = kept.map(|path| Kept { unmarked: mark(&path).err(), path });
    fs::rename(&coming, database)?;
    sync_folder(database)?;
    Ok(kept)
}

/// One that is not there is as good.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The names in the folder of this file reach the disk.
fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
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
