//! No code is judged within a second of a wrong one: whoever is too soon waits, on the connection at hand.
//! A person never notices; tries side by side come one after the other (ASVS 2.4.2).

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::audit::Origin;
use crate::domain::limits::{CODE_GAP, CODE_WAITERS, CODE_WAITS};
use crate::models::second_step_pauses::SecondStepPause;

/// `Fault::TooSoon` while the last wrong code is too fresh, except where addresses have no limits: on the
/// machine of a demo. Call it with the row locked.
pub fn check(pause: &SecondStepPause, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    let since = now - pause.updated_at;
    // The clocks of two nodes differ by less than that; one that was set back makes nobody wait until it has
    // caught up.
    if !origin.unlimited && pause.failed_in_row > 0 && since.abs() < CODE_GAP {
        return Err(Fault::TooSoon { wait: (CODE_GAP - since).unsigned_abs() });
    }
    Ok(())
}

/// How many tries of whom wait on this node. What it limits is this node's own work; tries are counted in the
/// database.
#[derive(Clone, Default)]
pub struct Waiting(Arc<Mutex<HashMap<String, usize>>>);

/// One that waits; its place is free again when this is dropped.
struct Place<'a> {
    waiting: &'a Waiting,
    user_id: &'a str,
}

impl Waiting {
    fn enter<'a>(&'a self, user_id: &'a str) -> Option<Place<'a>> {
        let mut waiting = self.lock();
        let count = waiting.entry(user_id.to_owned()).or_default();
        (*count < CODE_WAITERS).then(|| {
            *count += 1;
            Place { waiting: self, user_id }
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some(count) = waiting.get_mut(self.user_id) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(self.user_id);
            }
        }
    }
}

/// Lets a try of `user_id` be judged, and judged again as long as it is too soon; `Fault::TooSoon` when it has
/// waited `CODE_WAITS` times and others still came first, and at once where `CODE_WAITERS` wait.
pub async fn unhurried<T, Judging>(core: &Core, user_id: &str, judge: impl Fn() -> Judging) -> Result<T, Fault>
where
    Judging: Future<Output = Result<T, Fault>>,
{
    let mut wait = match judge().await {
        Err(Fault::TooSoon { wait }) => wait,
        done => return done,
    };
    let Some(_place) = core.code_waits.enter(user_id) else { return Err(Fault::TooSoon { wait }) };
    for _ in 0..CODE_WAITS {
        tokio::time::sleep(wait).await;
        wait = match judge().await {
            Err(Fault::TooSoon { wait }) => wait,
            done => return done,
        };
    }
    Err(Fault::TooSoon { wait })
}
