//! `vestibule verify-audit --config FILE`: exit code 1 where the chain does not hold.

use std::path::PathBuf;

use super::{ConfigFile, Stop, block_on, logging, print};
use crate::app::open_database;
use crate::config::Config;
use crate::db::Target;
use crate::domain::audit_chain::{self, Report};

#[derive(clap::Args)]
pub struct VerifyAudit {
    /// The TOML file with the settings; without it, the database of demo mode
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn run(verify: &VerifyAudit) -> Result<(), Stop> {
    logging::commands()?;
    let config = match &verify.config {
        Some(file) => ConfigFile { config: file.clone() }.load()?,
        None => Config::demo().map_err(Stop::Settings)?,
    };
    // Opening would make an empty one, and its empty chain holds.
    if let Target::Sqlite(database) = Target::parse(config.database_url.expose()).map_err(Stop::failed)?
        && !std::path::Path::new(&database).is_file()
    {
        return Err(Stop::Failed(format!("there is no database at {database}")));
    }
    let db = open_database(&config).map_err(Stop::failed)?;
    let report = block_on(async { audit_chain::verify(&db).await.map_err(Stop::failed) })?;
    print::line(words(&report));
    match report.broken {
        Some(broken) => Err(Stop::Failed(format!("seal {} is broken: {}", broken.seal, broken.why))),
        None => Ok(()),
    }
}

fn words(report: &Report) -> String {
    let mut text = format!("{} seals over {} entries hold.", report.seals, report.entries);
    if let Some(hash) = &report.last_hash {
        text.push_str(&format!("\nThe last of them is {hash}; keep it elsewhere, and compare."));
    }
    text.push_str(&format!("\n{} newer entries are not sealed yet.", report.unsealed));
    text
}
