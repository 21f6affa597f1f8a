//! A demo of the driver's own: a process of its own, so that its memory and processor time can be told
//! apart, on SQLite in a folder that goes away or on PostgreSQL in a schema made anew.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use vestibule::cli;
use vestibule::config::Config;
use vestibule::secrets::Secret;

use super::Failure;
use super::child::Served;

/// The process, and where it listens.
pub struct Portal {
    process: Served,
    pub url: String,
}

impl Portal {
    /// Starts it and waits until its people are there.
    pub fn start(database: Option<&str>) -> Result<Self, Failure> {
        let schema = database.map(schema).transpose()?;
        let (process, mut lines) = Served::start(|command, folder| {
            command.arg("--portal").arg(folder);
            if let Some(url) = &schema {
                command.arg("--database").arg(url);
            }
        })?;
        let mut portal = Self { process, url: String::new() };
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
    let mut config = Config::demo_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), folder, 0);
    if let Some(url) = database {
        config.database_url = Secret::new(url.to_owned());
    }
    cli::demo(config)
}

/// Makes a schema of its own and says how to reach it.
fn schema(url: &str) -> Result<String, Failure> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute("DROP SCHEMA IF EXISTS load CASCADE; CREATE SCHEMA load")?;
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}options=-csearch_path%3Dload"))
}
