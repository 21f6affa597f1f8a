//! The three plays, and what is printed of each.

use std::sync::Arc;
use std::time::Duration;

use super::browser::{Browser, Tally};
use super::cast::{Cast, cast};
use super::day::{self, Day};
use super::figures::{self, memory, processor_time};
use super::kinds::Kinds;
use super::people::Person;
use super::portal::Portal;
use super::{Failure, Options, Play, home, lists, pages, people, storm};

/// More sessions of one person would end the oldest: each has at most ten.
const BROWSERS_OF_A_DAY: usize = 80;

/// Plays what was asked for, and fails when an answer was not as it should be.
pub async fn play(options: &Options) -> Result<(), Failure> {
    vestibule::outbox::network::use_ring();
    let own = match &options.url {
        Some(_) => None,
        None => Some(Portal::start(options.database.as_deref(), options.crowd()).await?),
    };
    let url = own.as_ref().map(|portal| portal.url.clone()).or_else(|| options.url.clone()).unwrap_or_default();
    let pid = own.as_ref().map(Portal::pid).or(options.pid);
    let tally = Arc::new(Tally::default());
    let browser = Browser::new(url.trim_end_matches('/').to_owned(), tally.clone())?;
    tell_memory("before", pid);
    let crowd = own.as_ref().map(|portal| portal.crowd.as_slice()).unwrap_or_default();
    match options.play {
        Play::Storm => play_storm(options, cast(&browser, crowd).await?, pid).await?,
        Play::Lists => play_lists(options, &browser, pid).await?,
        Play::Day => play_day(options, &browser, cast(&browser, crowd).await?, pid).await?,
    }
    tell_memory("after", pid);
    println!("answers: {}", tally.statuses());
    let wrong = tally.wrong();
    for line in wrong.iter().take(10) {
        println!("  not as it should be: {line}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} answers were not as they should be", wrong.len()).into()) }
}

async fn play_storm(options: &Options, cast: Cast, pid: Option<u32>) -> Result<(), Failure> {
    let watcher = cast.watcher.clone();
    let browsers = cast.turns(options.browsers).await?;
    let workers = || browsers.iter().flatten();
    println!(
        "{} browsers of {} people, {} of them with an authenticator; each has signed in once",
        browsers.len(),
        workers().count(),
        workers().filter(|worker| worker.person.has_authenticator()).count()
    );
    let quiet = Duration::from_secs(options.quiet_seconds);
    home::compare(&watcher, pid, quiet).await?;
    let before = figures::bare(quiet).await?;
    let calm = pages::ask(watcher.clone(), quiet).await??;
    let long = Duration::from_secs(options.seconds);
    let watch = pages::ask(watcher, long);
    let used = processor(pid)?;
    let came = storm::run(browsers, long).await;
    let stormy = watch.await??;
    let used = processor(pid)? - used;
    let after = figures::bare(quiet).await?;
    came.tell((&before, &after), pid.map(|_| used));
    println!("/home 50 times a second, in ms: {calm} quiet");
    println!("/home 50 times a second, in ms: {stormy} in the storm");
    Ok(())
}

async fn play_lists(options: &Options, browser: &Browser, pid: Option<u32>) -> Result<(), Failure> {
    let admins = lists::cast(browser).await?;
    println!("{} windows of {} administrators", options.browsers, admins.len());
    let quiet = Duration::from_secs(options.quiet_seconds);
    home::compare(&admins[0].browser, pid, quiet).await?;
    let used = processor(pid)?;
    let kinds = lists::run(&admins, options.browsers, Duration::from_secs(options.seconds)).await;
    tell(&kinds, pid.map(|_| processor(pid)).transpose()?.map(|now| now - used));
    Ok(())
}

async fn play_day(options: &Options, browser: &Browser, cast: Cast, pid: Option<u32>) -> Result<(), Failure> {
    if options.browsers > BROWSERS_OF_A_DAY {
        return Err(format!("a day has room for {BROWSERS_OF_A_DAY} browsers").into());
    }
    let watcher = cast.watcher.clone();
    let admins = lists::cast(browser).await?;
    let windows = (options.browsers / 8).clamp(1, admins.len());
    let workers = cast.spread(options.browsers - windows, options.browsers / 2).await?;
    println!("{} people at their pages, {windows} administrators, one program", workers.len());
    let quiet = Duration::from_secs(options.quiet_seconds);
    home::compare(&watcher, pid, quiet).await?;
    let resettable = people::everybody(browser).await?.into_iter().filter(Person::may_be_reset).collect();
    let admins = admins.into_iter().take(windows).collect();
    let day = Day { workers, admins, resettable, pause: Duration::from_millis(options.pause) };
    let used = processor(pid)?;
    let kinds = day::run(day, Duration::from_secs(options.seconds)).await;
    tell(&kinds, pid.map(|_| processor(pid)).transpose()?.map(|now| now - used));
    Ok(())
}

/// The table, and the server's processor time if it is known.
fn tell(kinds: &Kinds, used: Option<f64>) {
    println!("{kinds}");
    if let Some(used) = used {
        let (each, cores) = (used * 1e6 / kinds.many() as f64, used / kinds.seconds);
        println!("  {each:.0} µs of the server's processor time each; {cores:.2} cores");
    }
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
