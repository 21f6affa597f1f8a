//! `vestibule backup --config FILE --to FILE`

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{ConfigFile, Stop, logging};
use crate::app::open_database;
use crate::db::{Target, copies};

#[derive(clap::Args)]
pub struct Backup {
    #[command(flatten)]
    file: ConfigFile,
    /// Where the copy goes; there must be no such file yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub fn run(backup: &Backup) -> Result<(), Stop> {
    logging::readable()?;
    let config = backup.file.load()?;
    let to = &backup.to;
    let Target::Sqlite(database) = Target::parse(config.database_url.expose()).map_err(Stop::failed)? else {
        return Err(Stop::failed("a PostgreSQL database is backed up with pg_dump"));
    };
    // Opening would make an empty one, and a mistyped path a backup of nothing.
    if !Path::new(&database).is_file() {
        return Err(Stop::Failed(format!("there is no database at {database}")));
    }
    let path = to.to_str().ok_or_else(|| Stop::failed("the copy's name must be UTF-8"))?;
    if to.exists() {
        return Err(Stop::Failed(format!("{path} exists already and was left alone")));
    }
    // The umask has the copy closed to others from its first byte on.
    open_database(&config).and_then(|db| db.copy_to(path)).map_err(Stop::failed)?;
    std::fs::set_permissions(to, Permissions::from_mode(0o600)).map_err(Stop::failed)?;
    copies::mark(path).map_err(|e| {
        // A copy that nobody can tell from the original would bring old sessions back to life.
        let _ = std::fs::remove_file(to);
        Stop::failed(e)
    })?;
    println!("Copied to {path}. The keys in {} are not part of it.", config.key_file.display());
    Ok(())
}
