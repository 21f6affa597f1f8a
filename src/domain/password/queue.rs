//! Where passwords wait for a thread: bounded, people before batches.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::stored::Recipe;

pub(super) type Output = argon2::Result<Zeroizing<Vec<u8>>>;

/// One call of argon2 that somebody waits for.
pub(super) struct Job {
    pub password: Zeroizing<String>,
    pub recipe: Recipe,
    pub reply: oneshot::Sender<Output>,
    pub claim: Claim,
}

/// Who has the job: the thread that starts it or the caller who gives up, whoever is first.
#[derive(Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True for the first to ask.
    pub fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// Which line a job stands in.
#[derive(Clone, Copy)]
pub(super) enum Line {
    /// A person waits.
    Person,
    /// Sample data and imports: served when no person waits.
    Batch,
}

/// What a thread is to do next.
pub(super) enum Next {
    Job(Job),
    /// Nothing came in the time given.
    Idle,
    Closed,
}

#[derive(Default)]
struct Lines {
    people: VecDeque<Job>,
    batch: VecDeque<Job>,
    closed: bool,
}

pub(super) struct Queue {
    lines: Mutex<Lines>,
    arrived: Condvar,
    /// The most people that may wait.
    places: usize,
    /// The most batch jobs that may wait.
    batch_places: usize,
}

impl Queue {
    pub fn new(places: usize, batch_places: usize) -> Self {
        Self { lines: Mutex::default(), arrived: Condvar::new(), places, batch_places }
    }

    /// False when the line is full; the job is dropped then.
    pub fn push(&self, job: Job, line: Line) -> bool {
        let mut lines = self.lock();
        let (queue, places) = match line {
            Line::Person => (&mut lines.people, self.places),
            Line::Batch => (&mut lines.batch, self.batch_places),
        };
        if queue.len() >= places {
            return false;
        }
        queue.push_back(job);
        drop(lines);
        self.arrived.notify_one();
        true
    }

    /// The next job that is still wanted; waits for one, at most `patience` if that is given.
    pub fn next(&self, patience: Option<Duration>) -> Next {
        let mut lines = self.lock();
        loop {
            if lines.closed {
                return Next::Closed;
            }
            while let Some(job) = lines.people.pop_front().or_else(|| lines.batch.pop_front()) {
                if !job.reply.is_closed() && job.claim.take() {
                    return Next::Job(job);
                }
            }
            lines = match patience {
                None => self.arrived.wait(lines).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    let woken = self.arrived.wait_timeout(lines, patience);
                    let (lines, timeout) = woken.unwrap_or_else(PoisonError::into_inner);
                    if timeout.timed_out() && lines.people.is_empty() && lines.batch.is_empty() {
                        return Next::Idle;
                    }
                    lines
                }
            };
        }
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        let lines = self.lock();
        lines.people.len() + lines.batch.len()
    }

    /// Sends the threads home; whoever still waits gets no answer.
    pub fn close(&self) {
        let mut lines = self.lock();
        *lines = Lines { closed: true, ..Lines::default() };
        drop(lines);
        self.arrived.notify_all();
    }

    /// A thread that panicked leaves the lines whole: every change to them is a single step.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
