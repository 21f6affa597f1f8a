//! No code is judged within a second of a wrong one: whoever is too soon waits, on the connection at hand.
//! A person never notices; tries side by side come one after the other (ASVS 2.4.2).

use std::future::Future;

use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::audit::Origin;
use crate::domain::limits::{CODE_GAP, CODE_WAITS};
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

/// Lets a try be judged, and judged again as long as it is too soon; `Fault::TooSoon` when it has waited
/// `CODE_WAITS` times and others still came first.
pub async fn unhurried<T, Judging>(judge: impl Fn() -> Judging) -> Result<T, Fault>
where
    Judging: Future<Output = Result<T, Fault>>,
{
    for _ in 0..CODE_WAITS {
        match judge().await {
            Err(Fault::TooSoon { wait }) => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    judge().await
}
