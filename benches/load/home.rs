//! `/home` as fast as it is answered, against the bare handler, turn by turn.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::Failure;
use super::bare::Bare;
use super::browser::{Browser, End};
use super::figures::processor_time;

/// Enough that both cores always have something to do.
const CONNECTIONS: usize = 16;
const TURNS: u32 = 3;

/// Requests answered, and what a process spent on them.
#[derive(Default)]
struct Rate {
    answers: f64,
    seconds: f64,
    processor_seconds: f64,
}

impl Rate {
    fn per_second(&self) -> f64 {
        self.answers / self.seconds
    }

    fn microseconds(&self) -> f64 {
        self.processor_seconds * 1e6 / self.answers
    }
}

/// Prints both rates and their ratio; the processor time only when the portal's process is known.
pub async fn compare(browser: &Browser, pid: Option<u32>, each: Duration) -> Result<(), Failure> {
    let bare = Bare::start()?;
    let other = Browser::new(bare.url.clone(), browser.tally.clone())?;
    let (mut pages, mut ceiling) = (Rate::default(), Rate::default());
    for _ in 0..TURNS {
        turn(&mut ceiling, &other, "/people/500", Some(bare.pid()), each).await?;
        turn(&mut pages, browser, "/home", pid, each).await?;
    }
    println!(
        "/home as fast as it comes: {:.0}/s; a bare look-up {:.0}/s; {:.2} of it",
        pages.per_second(),
        ceiling.per_second(),
        pages.per_second() / ceiling.per_second()
    );
    if pid.is_some() {
        println!(
            "  {:.0} µs of the server's processor time each; the bare look-up {:.0} µs, {:.2} of it",
            pages.microseconds(),
            ceiling.microseconds(),
            ceiling.microseconds() / pages.microseconds()
        );
    }
    Ok(())
}

async fn turn(rate: &mut Rate, browser: &Browser, path: &str, pid: Option<u32>, long: Duration) -> Result<(), Failure> {
    let used = || pid.map_or(Ok(0.0), |pid| processor_time(&pid.to_string()));
    let (begun, before) = (Instant::now(), used()?);
    let askers = (0..CONNECTIONS).map(|_| {
        let mut browser = browser.clone();
        async move {
            let mut answers = 0_u32;
            while begun.elapsed() < long {
                match browser.get(path).await {
                    End::Page { path: at, .. } if at == path => answers += 1,
                    _ => browser.tally.complain(format!("{path} was not answered")),
                }
            }
            answers
        }
    });
    rate.answers += f64::from(join_all(askers).await.into_iter().sum::<u32>());
    rate.seconds += begun.elapsed().as_secs_f64();
    rate.processor_seconds += used()? - before;
    Ok(())
}
