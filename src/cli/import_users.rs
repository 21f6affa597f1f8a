//! `vestibule import-users FILE --config FILE --organization NAME [--dry-run]`. Safe to run again: who is
//! in the organization already is left alone.

use std::path::PathBuf;

use super::{ConfigFile, Stop, block_on, logging, print};
use crate::app::App;
use crate::domain::organizations;
use crate::domain::people::import::{self, Report};
use crate::models::ItemState;

#[derive(clap::Args)]
pub struct ImportUsers {
    /// The CSV file, in UTF-8
    file: PathBuf,
    #[command(flatten)]
    config: ConfigFile,
    /// The organization's id, NPI or exact name
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// Look the file through and add nobody
    #[arg(long)]
    dry_run: bool,
}

pub fn run(import: &ImportUsers) -> Result<(), Stop> {
    logging::commands()?;
    let bytes = std::fs::read(&import.file).map_err(|e| Stop::Failed(format!("{}: {e}", import.file.display())))?;
    let app = App::build(import.config.load()?)?;
    block_on(async {
        let found = organizations::named(&app.core, &import.organization).await.map_err(Stop::failed)?;
        let organization = found.ok_or_else(|| Stop::failed("there is no such organization, or several"))?;
        let report = import::look_through(&app.core, &organization, true, &bytes).await.map_err(Stop::failed)?;
        let report = report.map_err(Stop::Failed)?;
        tell(&report)?;
        if import.dry_run {
            print::line("Nobody was added.");
            return Ok(());
        }
        let outcomes = import::add_all(&app.core, &organization, &report.people).await.map_err(Stop::failed)?;
        let invited = outcomes.iter().filter(|outcome| outcome.state == ItemState::Succeeded).count();
        print::line(format_args!("{invited} invited. Their mails go out while the portal runs."));
        for outcome in outcomes.iter().filter(|outcome| outcome.state == ItemState::Failed) {
            print::line(format_args!("failed: {}", outcome.reason.as_deref().unwrap_or_default()));
        }
        if invited == outcomes.len() { Ok(()) } else { Err(Stop::failed("not everybody was added")) }
    })
}

fn tell(report: &Report) -> Result<(), Stop> {
    print::line(format_args!("{} can be added, {} are there already.", report.people.len(), report.here_already.len()));
    for error in &report.errors {
        print::line(format_args!("row {}: {} {}", error.row, error.column, error.text));
    }
    if report.errors.is_empty() { Ok(()) } else { Err(Stop::failed("mend these rows first; nobody was added")) }
}
