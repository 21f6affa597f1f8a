//! `vestibule backup --config FILE --to FILE`

use std::path::{Path, PathBuf};

use super::{ConfigFile, Stop, logging, print};
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
    logging::commands()?;
    let config = backup.file.load()?;
    let to = &backup.to;
    let Target::Sqlite(database) = Target::parse(config.database_url.expose()).map_err(Stop::failed)? else {
        return Err(Stop::failed("a PostgreSQL database is backed up with pg_dump"));
    };
    // Opening would make an empty one, and a mistyped path a backup of nothing.
    if !Path::new(&database).is_file() {
        return Err(Stop::Failed(format!("there is no database at {database}")));
    }
    copies::make(to, |part| open_database(&config)?.copy_to(part)).map_err(Stop::failed)?;
    print::line(format_args!(
        "Copied to {}. The keys in {} are not part of it.",
        to.display(),
        config.key_file.display()
    ));
    Ok(())
}
