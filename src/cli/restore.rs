//! `vestibule restore --config FILE [--from COPY]`: goes back to a copy, and ends what was open in it.

use std::path::{Path, PathBuf};

use super::{ConfigFile, Stop, block_on, logging};
use crate::app::App;
use crate::clock::{Clock, unix};
use crate::config::Config;
use crate::db::{Target, copies};
use crate::domain::restored;

#[derive(clap::Args)]
pub struct Restore {
    #[command(flatten)]
    file: ConfigFile,
    /// The copy of a SQLite database. Without it the database is there already (`pg_restore`, a snapshot), and
    /// only what is open in it ends
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

pub fn run(restore: &Restore) -> Result<(), Stop> {
    logging::readable()?;
    let config = restore.file.load()?;
    if let Some(copy) = &restore.from {
        put_back(&config, copy)?;
    }
    let app = App::build(config)?;
    let ended = block_on(async { restored::told(&app.core).await.map_err(Stop::failed) })?;
    println!("Ended what was open: {ended}.");
    println!("Check the audit log with verify-audit, then start the portal. Everybody signs in anew.");
    Ok(())
}

fn put_back(config: &Config, copy: &Path) -> Result<(), Stop> {
    let Target::Sqlite(database) = Target::parse(config.database_url.expose()).map_err(Stop::failed)? else {
        return Err(Stop::failed("a PostgreSQL database is put back with pg_restore; then run this without --from"));
    };
    let database = Path::new(&database);
    copies::check(copy).map_err(Stop::failed)?;
    if copies::is_in_use(database) {
        return Err(Stop::Failed(format!("{} is in use; stop the portal first", database.display())));
    }
    let kept = copies::put_back(copy, database, unix(Clock::default().now())).map_err(Stop::failed)?;
    println!("{} is what {} was.", database.display(), copy.display());
    if let Some(kept) = kept {
        println!("What was there before is kept as {}.", kept.path.display());
        if let Some(why) = kept.unmarked {
            println!("It cannot be marked as a copy ({why}): if you ever go back to it, then with restore --from.");
        }
    }
    Ok(())
}
