//! Argon2id on threads of its own, with a bounded wait.
//!
//! One thread per core at lower priority: sign-ins get all that the pages leave over, and a storm
//! of sign-ins never stalls a page.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::normalize;
use super::queue::{Claim, Job, Line, Queue};
use super::stored::{Recipe, Stored};
use super::worker;
use crate::secrets::{Secret, random};

/// How long a password waits for a thread before its owner is asked to come back.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// After so long without work the threads give their memory back.
const IDLE: Duration = Duration::from_secs(10);

const MAX_THREADS: usize = 8;

/// How many people may wait for each thread: about what one thread hashes in [`PATIENCE`].
const PLACES_PER_THREAD: usize = 128;

/// How many batch jobs may wait.
const BATCH_PLACES: usize = 10_000;

/// Why no hash was made or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many before it. To be told as "try again", with the time.
    #[error("too many sign-ins at once")]
    Busy { retry_after_seconds: u64 },
    /// A NUL character, or over [`super::MAX_BYTES`]: [`super::check`] refuses both first.
    #[error("the password cannot be hashed")]
    Unfit,
    /// The threads are gone or out of memory.
    #[error("the password threads do not answer")]
    Failed,
}

/// What came of comparing a password with a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub matches: bool,
    /// It matches, and the stored hash has other parameters than those in force: store
    /// [`Hasher::hash`] of the same password. ASVS 11.4.2.
    pub needs_rehash: bool,
}

/// Hashes passwords. A handle: clones share the threads, which end with the last of them.
#[derive(Clone)]
pub struct Hasher(Arc<Shared>);

struct Shared {
    queue: Arc<Queue>,
    calls: Arc<AtomicU64>,
    dummy: Stored,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Hasher {
    /// Starts one thread per core, 8 at most.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        Self::start_with(cores.min(MAX_THREADS), IDLE)
    }

    pub(super) fn start_with(threads: usize, idle: Duration) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(threads * PLACES_PER_THREAD, BATCH_PLACES));
        let calls = Arc::new(AtomicU64::new(0));
        // Made before the threads, so that those already started end if a later one fails.
        let hasher = Self(Arc::new(Shared { queue: queue.clone(), calls: calls.clone(), dummy: Stored::dummy() }));
        for n in 0..threads {
            let (queue, calls) = (queue.clone(), calls.clone());
            let builder = thread::Builder::new().name(format!("password-{n}"));
            builder.spawn(move || worker::run(&queue, &calls, idle))?;
        }
        Ok(hasher)
    }

    /// The PHC string to store. Check the password with [`super::check`] first.
    ///
    /// # Errors
    /// [`HashError::Busy`] when it has not started within [`PATIENCE`]; see [`HashError`].
    pub async fn hash(&self, password: &Secret<String>) -> Result<String, HashError> {
        self.hash_in(Line::Person, password).await
    }

    /// As [`Hasher::hash`], but it waits as long as it takes and lets people go first: for sample
    /// data and imports.
    ///
    /// # Errors
    /// [`HashError::Busy`] only when 10,000 such wait already; see [`HashError`].
    pub async fn hash_patiently(&self, password: &Secret<String>) -> Result<String, HashError> {
        self.hash_in(Line::Batch, password).await
    }

    async fn hash_in(&self, line: Line, password: &Secret<String>) -> Result<String, HashError> {
        let text = hashable(password).ok_or(HashError::Unfit)?;
        let recipe = Recipe::fresh();
        let output = self.compute(line, text, recipe.clone()).await?;
        Ok(recipe.phc(&output))
    }

    /// Compares a password with the stored hash. Without one (nobody has that name) it takes as
    /// long and never matches: every path makes exactly one call of argon2. ASVS 6.3.8.
    ///
    /// # Errors
    /// [`HashError::Busy`] when it has not started within [`PATIENCE`]; see [`HashError`].
    pub async fn verify(&self, password: &Secret<String>, phc: Option<&str>) -> Result<Verdict, HashError> {
        let stored = phc.and_then(Stored::parse);
        if phc.is_some() && stored.is_none() {
            tracing::error!("a stored password hash is not readable; its owner has to reset it");
        }
        let text = hashable(password);
        let possible = stored.is_some() && text.is_some();
        let stored = stored.unwrap_or_else(|| self.0.dummy.clone());

        let text = text.unwrap_or_default();
        let output = self.compute(Line::Person, text, stored.recipe.clone()).await?;
        let matches = bool::from(output.ct_eq(&stored.output)) && possible;
        Ok(Verdict { matches, needs_rehash: matches && stored.needs_rehash() })
    }

    /// How many calls of argon2 there have been since the start.
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// How many passwords wait for a thread.
    pub fn waiting(&self) -> usize {
        self.0.queue.waiting()
    }

    async fn compute(
        &self,
        line: Line,
        password: Zeroizing<String>,
        recipe: Recipe,
    ) -> Result<Zeroizing<Vec<u8>>, HashError> {
        let (reply, mut answer) = oneshot::channel();
        let claim = Claim::default();
        if !self.0.queue.push(Job { password, recipe, reply, claim: claim.clone() }, line) {
            return Err(busy());
        }
        if matches!(line, Line::Person) {
            match tokio::time::timeout(PATIENCE, &mut answer).await {
                Ok(output) => return finish(output),
                Err(_) if claim.take() => return Err(busy()),
                // A thread has begun: it is done in a moment.
                Err(_) => {}
            }
        }
        finish(answer.await)
    }
}

/// The password as it is hashed; `None` for what no password may be.
fn hashable(password: &Secret<String>) -> Option<Zeroizing<String>> {
    normalize(password.expose()).filter(|text| !text.contains('\0'))
}

fn finish(answer: Result<super::queue::Output, oneshot::error::RecvError>) -> Result<Zeroizing<Vec<u8>>, HashError> {
    match answer {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => {
            tracing::error!(%error, "argon2 failed");
            Err(HashError::Failed)
        }
        Err(_) => Err(HashError::Failed),
    }
}

/// Between 2 and 5 seconds, drawn, so that those sent away do not come back all at once.
fn busy() -> HashError {
    HashError::Busy { retry_after_seconds: 2 + u64::from(random::below(4)) }
}
