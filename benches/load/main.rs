//! A storm of sign-ins against a running demo, over HTTP:
//!
//! ```text
//! cargo run --release --example load -- --url http://localhost:8080 --pid "$(pidof vestibule)"
//! ```
//!
//! Many browsers sign in again and again, each with its own cookies, while one person who is signed
//! in asks for /home 50 times a second. It fails when anything but a page, a redirect or "busy, come
//! back" (503 with Retry-After) is answered. docs/performance.md explains the figures.

mod bare;
mod browser;
mod figures;
mod home;
mod pages;
mod people;
mod storm;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use browser::{Browser, Tally};
use figures::{memory, processor_time};

#[derive(Parser)]
#[command(about = "Signs many people in at once and prints what a demo-mode server makes of it")]
struct Options {
    /// Where the demo listens.
    #[arg(long, default_value = "http://localhost:8080")]
    url: String,
    /// The server's process, for its memory.
    #[arg(long)]
    pid: Option<u32>,
    /// Browsers that sign in at once.
    #[arg(long, default_value_t = 500)]
    browsers: usize,
    /// How long the storm lasts.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long the bare hash rate and the quiet pages are measured, each time.
    #[arg(long, default_value_t = 3)]
    quiet_seconds: u64,
    /// Serve the bare look-up that pages are compared with; the driver starts that by itself.
    #[arg(long, hide = true)]
    bare: Option<PathBuf>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    if let Some(file) = &options.bare {
        return tokio::task::LocalSet::new().run_until(bare::serve(file)).await;
    }
    vestibule::outbox::network::use_ring();
    let url = options.url.trim_end_matches('/').to_owned();
    let tally = Arc::new(Tally::default());
    let browser = Browser::new(url, tally.clone())?;

    let cast = people::cast(&browser, options.browsers).await?;
    println!(
        "{} browsers of {} people, {} of them with an authenticator; each has signed in once",
        cast.workers.len(),
        cast.people,
        cast.with_authenticator
    );
    tell_memory("before", options.pid);

    let quiet = Duration::from_secs(options.quiet_seconds);
    home::compare(&cast.watcher, options.pid, quiet).await?;
    let before = figures::bare(quiet).await?;
    let calm = pages::ask(cast.watcher.clone(), quiet).await??;
    let storm = Duration::from_secs(options.seconds);
    let watch = pages::ask(cast.watcher, storm);
    let used = processor(options.pid)?;
    let came = storm::run(cast.workers, storm).await;
    let stormy = watch.await??;
    let used = processor(options.pid)? - used;
    tell_memory("after the storm", options.pid);
    let after = figures::bare(quiet).await?;

    let rate = (before.per_second + after.per_second) / 2.0;
    println!("bare argon2, all cores: {:.1}/s before, {:.1}/s after", before.per_second, after.per_second);
    println!(
        "sign-ins completed: {} in {:.0} s, {:.1}/s; {:.2} of the bare argon2 rate",
        came.completed,
        came.seconds,
        came.per_second(),
        came.per_second() / rate
    );
    if options.pid.is_some() {
        let hash = (before.milliseconds + after.milliseconds) / 2.0;
        let each = used * 1000.0 / came.seen_through as f64;
        let share = hash / each;
        println!(
            "  {each:.1} ms of the server's processor time each; a bare hash takes {hash:.1} ms, {share:.2} of it"
        );
    }
    println!("  {} with a code; {} sent away as busy and tried again", came.with_code, came.busy);
    println!("  one sign-in, in ms: {}", came.took);
    println!("/home 50 times a second, in ms: {calm} quiet");
    println!("/home 50 times a second, in ms: {stormy} in the storm");
    println!("answers: {}", tally.statuses());
    let wrong = tally.wrong();
    for line in wrong.iter().take(10) {
        println!("  not as it should be: {line}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} answers were not as they should be", wrong.len()).into()) }
}

fn processor(pid: Option<u32>) -> Result<f64, Failure> {
    pid.map_or(Ok(0.0), |pid| processor_time(&pid.to_string()))
}

fn tell_memory(when: &str, pid: Option<u32>) {
    if let Some(pid) = pid {
        match memory(pid) {
            Ok((now, most)) => println!("server memory {when}: {now:.1} MiB, {most:.1} MiB at most so far"),
            Err(error) => println!("server memory {when}: {error}"),
        }
    }
}
