//! `vestibule import-tokens --config FILE --organization NAME [--dry-run] FILE`

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{ConfigFile, Stop, block_on, logging, print};
use crate::app::App;
use crate::domain::audit::Origin;
use crate::domain::csv_file::Unreadable;
use crate::domain::hardware_tokens::file::Algorithm;
use crate::domain::hardware_tokens::import::{self, Report, Upload};
use crate::domain::limits::CSV_BYTES;
use crate::domain::{Core, organizations};
use crate::models::organizations::Organization;

#[derive(clap::Args)]
pub struct ImportTokens {
    #[command(flatten)]
    config: ConfigFile,
    /// The organization's id, NPI or exact name
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// For files without the column algorithm
    #[arg(long, value_name = "SHA1|SHA256", default_value = "SHA1")]
    algorithm: String,
    /// Only look through the file, and save nothing
    #[arg(long)]
    dry_run: bool,
    /// CSV in UTF-8 with the columns of Microsoft Entra
    file: PathBuf,
}

pub fn run(command: &ImportTokens) -> Result<(), Stop> {
    logging::commands()?;
    let config = command.config.load()?;
    let Some(algorithm) = Algorithm::parse(&command.algorithm) else {
        return Err(Stop::failed("--algorithm is SHA1 or SHA256"));
    };
    let too_large = std::fs::metadata(&command.file).map_err(|e| unread(command, &e))?.len() > CSV_BYTES as u64;
    if too_large {
        return Err(Stop::failed(Unreadable::TooLarge.words()));
    }
    let bytes = Zeroizing::new(std::fs::read(&command.file).map_err(|e| unread(command, &e))?);
    let app = App::build(config)?;
    let done = block_on(async {
        let organization = organization(&app.core, &command.organization).await?;
        let upload = Upload { organization, actor: None, bytes, algorithm };
        let done = match command.dry_run {
            true => import::dry_run(&app.core, upload).await,
            false => import::save(&app.core, upload, &Origin::default()).await,
        };
        done.map_err(Stop::failed)
    })?;
    let report = done.map_err(|why| Stop::failed(why.words()))?;
    tell(&report, command.dry_run)
}

fn unread(command: &ImportTokens, why: &std::io::Error) -> Stop {
    Stop::Failed(format!("{}: {why}", command.file.display()))
}

async fn organization(core: &Core, name: &str) -> Result<Organization, Stop> {
    let found = organizations::named(core, name).await.map_err(Stop::failed)?;
    found.ok_or_else(|| Stop::Failed(format!("there is no one organization called {name}; give its id")))
}

fn tell(report: &Report, dry_run: bool) -> Result<(), Stop> {
    for problem in &report.problems {
        print::error(format_args!("row {}: {}", problem.row, problem.why.words()));
    }
    if !report.problems.is_empty() {
        return Err(Stop::Failed(format!("{} errors; nothing was saved", report.problems.len())));
    }
    let done = if dry_run { "can be imported" } else { "were imported" };
    print::line(format_args!(
        "{} tokens {done}, {} of them assigned.",
        report.assigned + report.available,
        report.assigned
    ));
    Ok(())
}
