//! Plays people at a demo, over HTTP, and prints what the server makes of it beside bare ceilings that
//! are measured in the same run:
//!
//! ```text
//! cargo run --release --example load -- --play storm --browsers 64
//! cargo run --release --example load -- --play day --database postgres://vestibule@localhost/postgres
//! cargo run --release --example load -- --url http://localhost:8080 --pid "$(pidof vestibule)"
//! ```
//!
//! It fails when anything but a page, a redirect or "busy, come back" (503 with Retry-After) is answered,
//! and when a page is not the one that was asked for. docs/performance.md explains the figures.

mod bare;
mod browser;
mod cast;
mod child;
mod crowd;
mod day;
mod figures;
mod home;
mod kinds;
mod lists;
mod pages;
mod people;
mod play;
mod portal;
mod storm;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

/// What is played.
#[derive(Clone, Copy, ValueEnum)]
enum Play {
    /// Browsers sign in again and again, while somebody who is signed in looks at pages.
    Storm,
    /// Administrators page, search, filter and open Edit User.
    Lists,
    /// Pages, sign-ins, changes, lists, resets and API calls, with pauses between them.
    Day,
}

#[derive(Parser)]
#[command(about = "Plays people at a demo and prints what the server makes of it")]
struct Options {
    #[arg(long, value_enum, default_value_t = Play::Storm)]
    play: Play,
    /// Where a demo listens; without it the driver starts one of its own.
    #[arg(long)]
    url: Option<String>,
    /// The process of that demo, for its memory and processor time.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// The driver's own demo keeps its data in this PostgreSQL database, in a schema `load` made anew;
    /// without it in a SQLite file that goes away.
    #[arg(long, conflicts_with = "url")]
    database: Option<String>,
    /// Browsers that play at once.
    #[arg(long, default_value_t = 64)]
    browsers: usize,
    /// In the driver's own demo: people with an authenticator who take turns at the browsers of a storm. A code
    /// is good once, so that there have to be many.
    #[arg(long, default_value_t = 2_000, conflicts_with = "url")]
    people: usize,
    /// How long they play.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long each ceiling and the quiet pages are measured, each time.
    #[arg(long, default_value_t = 3)]
    quiet_seconds: u64,
    /// Milliseconds between two pages of one person in a mixed day, half as long to one and a half times.
    #[arg(long, default_value_t = 500)]
    pause: u64,
    /// Serve the bare look-up that pages are compared with; the driver starts that by itself.
    #[arg(long, hide = true)]
    bare: Option<PathBuf>,
    /// Serve a demo in this folder; the driver starts that by itself.
    #[arg(long, hide = true)]
    portal: Option<PathBuf>,
}

impl Options {
    /// So many people with an authenticator this play needs.
    fn crowd(&self) -> usize {
        match self.play {
            Play::Storm => self.people,
            Play::Lists => 0,
            Play::Day => self.people.min(self.browsers / 2),
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(folder) = &options.portal {
        return portal::serve(folder, options.database.as_deref());
    }
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &options.bare {
            Some(file) => tokio::task::LocalSet::new().run_until(bare::serve(file)).await,
            None => play::play(options).await,
        }
    })
}
