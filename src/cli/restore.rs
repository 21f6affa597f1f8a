//! `vestibule restore --config FILE [--from COPY]`: goes back to a copy, and ends what was open in it.

use std::path::{Path, PathBuf};

use super::{ConfigFile, Stop, block_on, confirmed, logging, print};
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
    /// Without --from: do not ask before it is done
    #[arg(long)]
    yes: bool,
}

pub fn run(restore: &Restore) -> Result<(), Stop> {
    logging::commands()?;
    let config = restore.file.load()?;
    match &restore.from {
        Some(copy) => put_back(&config, copy)?,
        None => is_meant(&config, restore.yes)?,
    }
    let app = App::build(config)?;
    let ended = block_on(async { restored::told(&app.core).await.map_err(Stop::failed) })?;
    print::line(format_args!("Ended what was open: {ended}."));
    print::line("Check the audit log with verify-audit, then start the portal. Everybody signs in anew.");
    Ok(())
}

/// Nothing shows by itself that a database is a copy, and on PostgreSQL other nodes may be at work on it.
fn is_meant(config: &Config, yes: bool) -> Result<(), Stop> {
    match Target::parse(config.database_url.expose()).map_err(Stop::failed)? {
        Target::Sqlite(path) if copies::is_in_use(Path::new(&path)) => {
            return Err(Stop::Failed(format!("{path} is in use; stop the portal first")));
        }
        Target::Sqlite(path) => print::line(format_args!("{path} is taken for a copy that was put back.")),
        Target::Pg(_) => {
            print::line("The PostgreSQL database of this configuration is taken for a copy that was put back.");
            print::line("Stop every node of the portal first: whoever is signed in to one is signed out.");
        }
    }
    print::line("This ends:");
    print::line("  all sessions, and all remembered browsers");
    print::line("  links and codes that were mailed or texted, and requests for a new password or a reset");
    print::line("  API tokens, and jobs that are not done");
    print::line("People, passwords and factors stay.");
    if yes || confirmed("Was it put back from a copy, and is all of that to end?")? {
        return Ok(());
    }
    Err(Stop::failed("nothing was changed"))
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
    print::line(format_args!("{} is what {} was.", database.display(), copy.display()));
    if let Some(kept) = kept {
        print::line(format_args!("What was there before is kept as {}.", kept.path.display()));
        if let Some(why) = kept.unmarked {
            print::line(format_args!(
                "It cannot be marked as a copy ({why}): if you ever go back to it, then with restore --from."
            ));
        }
    }
    Ok(())
}
