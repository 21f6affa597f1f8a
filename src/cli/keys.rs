//! `vestibule new-keys FILE` and `vestibule rotate-keys --config FILE`

use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;

use super::{ConfigFile, Stop, block_on, logging, print};
use crate::app::open_database;
use crate::config::keys;
use crate::domain::rotate_keys::reseal;

#[derive(clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    file: ConfigFile,
    /// Only one of the two steps. Nodes that run know the keys they started with, so: add, restart
    /// every node with the new file, then reseal
    #[arg(long)]
    step: Option<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Put a new key in front of the key file
    Add,
    /// Encrypt again, with the first key of the file, what other keys have sealed
    Reseal,
}

pub fn new(file: &Path) -> Result<(), Stop> {
    let made = keys::create(file).map_err(|problem| Stop::Failed(problem.why))?;
    print::line(format_args!(
        "{} holds new keys; {} seals. Keep a copy apart from the database's backups.",
        file.display(),
        made.current_id()
    ));
    Ok(())
}

pub fn rotate(rotate: &Rotate) -> Result<(), Stop> {
    logging::commands()?;
    let config = rotate.file.load()?;
    if rotate.step != Some(Step::Reseal) {
        let file = keys::add_key(&config.key_file)?;
        print::line(format_args!(
            "{} seals from now on; its key is in front of {}.",
            file.current_id(),
            config.key_file.display()
        ));
    }
    if rotate.step == Some(Step::Add) {
        print::line("Restart every node with this file, then run rotate-keys --step reseal.");
        return Ok(());
    }
    let file = keys::load(&config.key_file)?;
    let ring = Arc::new(file.ring()?);
    let db = open_database(&config).map_err(Stop::failed)?;
    let (factors, messages, documents) = block_on(async { reseal(&db, &ring).await.map_err(Stop::failed) })?;
    for (what, counts) in
        [("authenticator secrets", factors), ("waiting messages", messages), ("names under review", documents)]
    {
        print::line(format_args!("{what}: {} encrypted again, {} left alone", counts.resealed, counts.unreadable));
    }
    done(&file, factors.unreadable + messages.unreadable + documents.unreadable)
}

fn done(file: &keys::KeyFile, unreadable: usize) -> Result<(), Stop> {
    if unreadable > 0 {
        return Err(Stop::failed("some rows did not open; keep every old key until that is explained"));
    }
    let old = file.ids().split_off(1).join(", ");
    if !old.is_empty() {
        print::line(format_args!(
            "No row needs these keys any more; take them out once every node runs with the new file: {old}"
        ));
    }
    Ok(())
}
