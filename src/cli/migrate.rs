//! `vestibule migrate --config FILE`

use super::{ConfigFile, Stop, logging, print};
use crate::app::open_database;

pub fn run(file: &ConfigFile) -> Result<(), Stop> {
    logging::commands()?;
    let config = file.load()?;
    open_database(&config).and_then(|db| db.examine().and_then(|()| db.migrate())).map_err(Stop::failed)?;
    print::line("The schema is up to date.");
    Ok(())
}
