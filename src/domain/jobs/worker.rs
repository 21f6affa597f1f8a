//! The worker that does jobs: one per node, any number of nodes on one database. It takes a job by one
//! conditional UPDATE for as long as its lease, and every person done prolongs it in the same
//! transaction; a node that dies leaves the job to another one after the lease.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::act::{Outcome, act, actor_of};
use super::{entry, origin_of};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::Entry;
use crate::domain::limits::{JOB_LEASE, JOB_TICK, LAST_JOBS};
use crate::models::jobs::{self, Job};
use crate::models::{AuditResult, ItemState, JobState, job_items};
use crate::secrets::random;

/// Faults in a row at one person until they count as failed.
const TRIES: u32 = 3;
/// After a fault.
const BREATH: Duration = Duration::from_millis(200);

/// A running worker. Whoever is in hand when it ends is done whole or not at all.
pub struct Worker {
    stop: Arc<Notify>,
    /// Holds one task, and ends it when dropped.
    task: JoinSet<()>,
}

/// Starts this node's worker on the present runtime.
pub fn start(core: Core) -> Worker {
    let stop = Arc::new(Notify::new());
    let mut task = JoinSet::new();
    task.spawn(run(core, stop.clone()));
    Worker { stop, task }
}

impl Worker {
    pub async fn stop(mut self) {
        self.stop.notify_one();
        if timeout(LAST_JOBS, self.task.join_next()).await.is_err() {
            tracing::warn!("a job was still in hand when its worker ended");
        }
    }
}

async fn run(core: Core, stop: Arc<Notify>) {
    let name = random::token().expose().clone();
    let mut faulty = false;
    loop {
        let done = tokio::select! {
            () = stop.notified() => return,
            done = turn(&core, &name) => done,
        };
        match done {
            Ok(true) => faulty = false,
            Ok(false) => {
                faulty = false;
                tokio::select! {
                    () = stop.notified() => return,
                    () = sleep(JOB_TICK) => {}
                }
            }
            Err(fault) => {
                // One line per outage.
                if !faulty {
                    tracing::error!(%fault, "jobs cannot be worked on");
                }
                faulty = true;
                sleep(JOB_TICK).await;
            }
        }
    }
}

/// Takes a job, if one is due, and works on it to its end; `false` when there was none.
async fn turn(core: &Core, name: &str) -> Result<bool, Fault> {
    let now = core.clock.now();
    let due = core.db.read(move |conn| Ok::<_, Fault>(jobs::list_due(conn, now, longest_lease(now), 10)?)).await?;
    for job in due {
        let (id, worker, context) = (job.id.clone(), name.to_owned(), core.clone());
        let taken = core
            .db
            .write(move |conn| {
                let now = context.clock.now();
                Ok::<_, Fault>(jobs::claim(conn, &id, (&worker, now + JOB_LEASE), now, longest_lease(now))?)
            })
            .await?;
        if taken {
            work(core, &job.id, name).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// No node's lease ends later, even where its clock is ahead by as much as a lease.
fn longest_lease(now: Timestamp) -> Timestamp {
    now + JOB_LEASE * 2
}

/// What one step came to.
enum Step {
    /// Somebody was done; there may be more.
    Next,
    /// The job has ended, or is another worker's.
    Over,
}

async fn work(core: &Core, job_id: &str, name: &str) -> Result<(), Fault> {
    let mut tries = 0;
    loop {
        match step(core, job_id, name, false).await {
            Ok(Step::Next) => tries = 0,
            Ok(Step::Over) => return Ok(()),
            Err(fault) => {
                tries += 1;
                tracing::warn!(%fault, job_id, tries, "somebody in a job could not be done");
                sleep(BREATH).await;
                if tries >= TRIES {
                    step(core, job_id, name, true).await?;
                    tries = 0;
                }
            }
        }
        core.outbox.notify_one();
        // Others want to write too.
        tokio::task::yield_now().await;
    }
}

/// The next person, in one transaction with their item. `give_up`: after faults, they are not tried again.
async fn step(core: &Core, job_id: &str, name: &str, give_up: bool) -> Result<Step, Fault> {
    let (context, job_id, name) = (core.clone(), job_id.to_owned(), name.to_owned());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if !jobs::keep(conn, &job_id, &name, now + JOB_LEASE)? {
                return Ok(Step::Over);
            }
            let Some(job) = jobs::find(conn, &job_id)? else { return Ok(Step::Over) };
            next(conn, core, &job, give_up, now)
        })
        .await
}

fn next(conn: &mut DbConnection, core: &Core, job: &Job, give_up: bool, now: Timestamp) -> Result<Step, Fault> {
    let actor = match actor_of(conn, job)? {
        Ok(actor) => actor,
        Err(why) => {
            jobs::finish(conn, &job.id, JobState::Stopped, Some(why), now)?;
            Entry::new("job_stopped", AuditResult::Refused)
                .about(job.actor_id.as_deref())
                .in_organization(job.organization_id.as_deref())
                .with("job", job.id.as_str())
                .with("why", why)
                .write(conn, &origin_of(job), now)?;
            return Ok(Step::Over);
        }
    };
    let Some(item) = job_items::next(conn, &job.id)? else {
        jobs::finish(conn, &job.id, JobState::Done, None, now)?;
        entry("job_done", &actor, job)
            .with("succeeded", job.succeeded)
            .with("skipped", job.skipped)
            .with("failed", job.failed)
            .write(conn, &origin_of(job), now)?;
        return Ok(Step::Over);
    };
    let outcome = match give_up {
        true => Outcome::failed("It could not be done just now. Try it again."),
        false => act(conn, core, job, &actor, &item, now)?,
    };
    let finished = (outcome.state, outcome.reason.as_deref());
    if outcome.state == ItemState::Waiting
        || !job_items::finish(conn, &item.id, finished, outcome.subject_id.as_deref(), now)?
    {
        return Err(Fault::Other("an item of a job was done by somebody else".into()));
    }
    jobs::count(conn, &job.id, outcome.state)?;
    Ok(Step::Next)
}
