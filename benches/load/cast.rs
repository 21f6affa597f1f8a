//! Who takes part: everybody has signed in once before anything is measured, so that their browsers are
//! known.

use std::collections::VecDeque;

use futures_util::{StreamExt, stream};

use super::Failure;
use super::browser::Browser;
use super::people::{Person, everybody};
use super::worker::{SignIn, Worker};

/// First sign-ins at once: enough that the password threads always have something to do.
const AT_ONCE: usize = 16;

/// Everybody who takes part.
pub struct Cast {
    /// With a password alone.
    plain: Vec<Worker>,
    with_authenticator: Vec<Worker>,
    /// Is signed in and looks at pages.
    pub watcher: Browser,
}

/// Signs in the demo's people, and the crowd of a demo of the driver's own.
pub async fn cast(browser: &Browser, crowd: &[Person]) -> Result<Cast, Failure> {
    let (mut plain, mut with_authenticator) = (Vec::new(), crowd_of(browser, crowd).await?);
    for person in everybody(browser).await? {
        let app = person.has_authenticator();
        if person.password.is_none() || !person.plays() {
            continue;
        }
        // Some of them are led elsewhere: to set something up, or to choose an organization. And a
        // code may have been used up by a run just before. Neither is anything to complain of.
        let mut worker = Worker::new(person, browser.fresh_unheard());
        if let SignIn::Done { .. } = worker.sign_in().await {
            worker.browser.tally = browser.tally.clone();
            if app { &mut with_authenticator } else { &mut plain }.push(worker);
        }
    }
    let watcher = plain.pop().ok_or("nobody signs in with a password alone")?.browser;
    if plain.is_empty() {
        return Err("too few people sign in with a password alone".into());
    }
    Ok(Cast { plain, with_authenticator, watcher })
}

async fn crowd_of(browser: &Browser, crowd: &[Person]) -> Result<Vec<Worker>, Failure> {
    let first = crowd.iter().map(|person| async {
        let mut worker = Worker::new(person.clone(), browser.fresh());
        matches!(worker.sign_in().await, SignIn::Done { with_code: true }).then_some(worker)
    });
    let workers: Vec<Option<Worker>> = stream::iter(first).buffer_unordered(AT_ONCE).collect().await;
    workers.into_iter().collect::<Option<_>>().ok_or_else(|| "a first sign-in failed".into())
}

impl Cast {
    /// Who takes turns at each of so many browsers. Where there are enough authenticators, nobody else plays;
    /// elsewhere they have a quarter of the browsers, one each.
    pub async fn turns(self, browsers: usize) -> Result<Vec<VecDeque<Worker>>, Failure> {
        if self.with_authenticator.len() < 2 * browsers {
            let workers = self.spread(browsers, browsers / 4).await?;
            return Ok(workers.into_iter().map(|worker| VecDeque::from([worker])).collect());
        }
        let mut turns: Vec<VecDeque<Worker>> = (0..browsers).map(|_| VecDeque::new()).collect();
        for (n, worker) in self.with_authenticator.into_iter().enumerate() {
            turns[n % browsers].push_back(worker);
        }
        Ok(turns)
    }

    /// One person at each of so many browsers. An authenticator's code is good once, so each of their owners
    /// has one browser, up to `with_authenticator` of them; the rest belong to people who have a password alone.
    pub async fn spread(self, browsers: usize, with_authenticator: usize) -> Result<Vec<Worker>, Failure> {
        let mut workers = self.with_authenticator;
        workers.truncate(with_authenticator);
        for n in 0..browsers.saturating_sub(workers.len()) {
            let mut worker = Worker::new(self.plain[n % self.plain.len()].person.clone(), self.watcher.fresh());
            let SignIn::Done { .. } = worker.sign_in().await else { return Err("a first sign-in failed".into()) };
            workers.push(worker);
        }
        Ok(workers)
    }
}
