//! Somebody who is signed in already and goes on working.

use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, JoinSet};

use super::Failure;
use super::browser::{Browser, End};
use super::figures::Times;

const EVERY: Duration = Duration::from_millis(20);

/// Asks on a thread of its own, so that the storm's own work here does not count as the server's.
pub fn ask(browser: Browser, long: Duration) -> JoinHandle<Result<Times, Failure>> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let browser = browser.with_connections_of_its_own()?;
            Ok(at_fixed_times(browser, long).await)
        })
    })
}

/// Asks for /home at fixed times, whether or not the answers before have come: a page that is late
/// makes the next one no later. Times run from when the page was due.
async fn at_fixed_times(browser: Browser, long: Duration) -> Times {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    let mut due = begun;
    while due < begun + long {
        tokio::time::sleep_until(due.into()).await;
        let mut browser = browser.clone();
        tasks.spawn(async move {
            match browser.get("/home").await {
                End::Page { path, .. } if path == "/home" => {}
                End::Page { path, .. } => browser.tally.complain(format!("/home led to {path}")),
                End::Busy(_) => browser.tally.complain("/home was busy".into()),
                End::Wrong => {}
            }
            due.elapsed()
        });
        due += EVERY;
    }
    let mut times = Times::default();
    while let Some(one) = tasks.join_next().await {
        if let Ok(time) = one {
            times.add(time);
        }
    }
    times
}
