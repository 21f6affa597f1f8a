//! What the provider tells about itself, its metadata and its keys: asked for by one request at a time and
//! kept for a while. So is a failure, or every visit would ask a provider that is down. ASVS 13.1.3.

use std::sync::{Mutex, MutexGuard, PoisonError};

use time::Duration;

use super::OidcError;
use crate::clock::{Clock, Timestamp};
use crate::domain::limits::OIDC_FAILED;

pub struct Told<T> {
    kept: Mutex<Kept<T>>,
    /// Held by whoever asks.
    flight: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    told: Option<(Timestamp, T)>,
    /// Why the newest call failed, if it did, and when it was over.
    failed: Option<(Timestamp, OidcError)>,
    /// How many calls have ended.
    ended: u64,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        let kept = Kept { told: None, failed: None, ended: 0 };
        Self { kept: Mutex::new(kept), flight: tokio::sync::Mutex::default() }
    }
}

impl<T: Clone> Told<T> {
    /// What is not older than `life`, or what `ask` finds. Whoever comes while another asks waits for that
    /// call and shares how it ends.
    pub async fn get(
        &self,
        life: Duration,
        clock: &Clock,
        ask: impl Future<Output = Result<T, OidcError>>,
    ) -> Result<T, OidcError> {
        let ended = {
            let kept = self.kept();
            if let Some(known) = kept.known(life, clock.now()) {
                return known;
            }
            kept.ended
        };
        let _alone = self.flight.lock().await;
        if let Some(shared) = self.kept().since(ended) {
            return shared;
        }
        let told = ask.await;
        let (mut kept, now) = (self.kept(), clock.now());
        kept.ended += 1;
        kept.failed = told.as_ref().err().map(|error| (now, error.clone()));
        if let Ok(told) = &told {
            kept.told = Some((now, told.clone()));
        }
        told
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        // Nothing is half-written when a holder panics.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Kept<T> {
    fn known(&self, life: Duration, now: Timestamp) -> Option<Result<T, OidcError>> {
        // A clock that was set back makes nothing last longer.
        let lately = |at: Timestamp, life| at <= now && now < at + life;
        let told = self.told.as_ref().filter(|(at, _)| lately(*at, life)).map(|(_, told)| Ok(told.clone()));
        told.or_else(|| self.failed.as_ref().filter(|(at, _)| lately(*at, OIDC_FAILED)).map(|(_, e)| Err(e.clone())))
    }

    /// How the newest call ended, if one has since.
    fn since(&self, ended: u64) -> Option<Result<T, OidcError>> {
        let failed = self.failed.as_ref().map(|(_, error)| Err(error.clone()));
        let outcome = failed.or_else(|| self.told.as_ref().map(|(_, told)| Ok(told.clone())));
        outcome.filter(|_| self.ended != ended)
    }
}
