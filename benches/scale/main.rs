//! What a page costs beside a thousand users and beside a million, over HTTP, in one run:
//!
//! ```text
//! cargo run --release --example scale
//! cargo run --release --example scale -- --database postgres://vestibule@localhost/postgres
//! ```
//!
//! Two portals in this process, one on a small and one on a large database, answer the same requests in
//! turn, so that what else the machine does falls on both alike. It fails when a ratio of the medians is
//! above `--at-most`. docs/performance.md explains the figures.

#[allow(dead_code, reason = "the storm of sign-ins uses the rest")]
#[path = "../load/browser.rs"]
mod browser;
mod fill;
mod portal;
mod sign_in;
mod times;

use std::path::PathBuf;

use clap::Parser;

use portal::Portal;
use times::Measured;

#[derive(Parser)]
#[command(about = "Compares what pages cost beside few and beside many users")]
pub struct Options {
    /// PostgreSQL; SQLite in a folder otherwise.
    #[arg(long)]
    database: Option<String>,
    /// Where the SQLite databases are kept from one run to the next; a temporary folder otherwise.
    #[arg(long)]
    folder: Option<PathBuf>,
    #[arg(long, default_value_t = 1_000)]
    few: u64,
    #[arg(long, default_value_t = 1_000_000)]
    many: u64,
    #[arg(long, default_value_t = 200)]
    organizations: u64,
    /// Requests of each kind to each portal.
    #[arg(long, default_value_t = 60)]
    requests: usize,
    /// The highest ratio of medians that passes.
    #[arg(long, default_value_t = 1.5)]
    at_most: f64,
}

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    vestibule::outbox::network::use_ring();
    // The large one first: filling it may take longer than a session may stand still.
    let mut large = Portal::open(&options, options.many).await?;
    let mut small = Portal::open(&options, options.few).await?;
    println!("{:<44} {:>10} {:>10} {:>6}", "median in ms", options.few, options.many, "ratio");
    let mut worst = 0.0_f64;
    for task in portal::TASKS {
        let (mut few, mut many) = (Measured::default(), Measured::default());
        for n in 0..options.requests + times::WARM_UP {
            few.add(small.ask(task, n).await?);
            many.add(large.ask(task, n).await?);
        }
        let ratio = many.median() / few.median();
        worst = worst.max(ratio);
        println!("{:<44} {:>10.2} {:>10.2} {ratio:>6.2}", task.name, few.median(), many.median());
    }
    println!("the highest ratio is {worst:.2}");
    if worst > options.at_most {
        return Err(format!("a ratio is above {}", options.at_most).into());
    }
    Ok(())
}
