//! A demo of the driver's own: a process of its own, so that its memory and processor time can be told
//! apart, on SQLite in a folder that goes away or on PostgreSQL in a schema made anew.

use std::path::Path;
use std::process::ExitCode;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use vestibule::cli;

use super::Failure;
use super::child::Served;
use super::crowd;
use super::people::Person;

/// The process, where it listens, and who is there besides the sample people.
pub struct Portal {
    process: Served,
    pub url: String,
    pub crowd: Vec<Person>,
}

impl Portal {
    /// Puts so many people with an authenticator there, starts it and waits until it is ready.
    pub async fn start(database: Option<&str>, people: usize) -> Result<Self, Failure> {
        let schema = database.map(schema).transpose()?;
        let folder = tempfile::tempdir()?;
        let crowd = crowd::fill(crowd::settings(folder.path(), schema.as_deref()), people).await?;
        let (process, mut lines) = Served::start(folder, |command, folder| {
            command.arg("--portal").arg(folder);
            if let Some(url) = &schema {
                command.arg("--database").arg(url);
            }
        })?;
        let mut portal = Self { process, url: String::new(), crowd };
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, url)) = line.split_once("in demo mode: ") {
                portal.url = url.trim_end_matches('/').to_owned();
            }
            if line.starts_with("Accounts to try") {
                // Nobody reads the rest, and a full pipe would hold the portal up.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(portal);
            }
        }
        Err("the portal ended before its people were there".into())
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }
}

/// Serves until it is killed: what `vestibule` without a command does, on this folder and database.
pub fn serve(folder: &Path, database: Option<&str>) -> ExitCode {
    cli::demo(crowd::settings(folder, database))
}

/// Makes a schema of its own and says how to reach it.
fn schema(url: &str) -> Result<String, Failure> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute("DROP SCHEMA IF EXISTS load CASCADE; CREATE SCHEMA load")?;
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}options=-csearch_path%3Dload"))
}
