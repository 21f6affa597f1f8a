//! The worker that takes messages from the outbox to their senders: one per node, any number of
//! nodes on one database.
//!
//! A row is claimed by one conditional UPDATE for as long as the lease, handed over, and the outcome
//! recorded in one transaction. A node that dies in between leaves a row that is claimable again
//! after the lease, so nothing is lost, and a message goes out twice only if the node died between
//! hand-over and record. ASVS 16.5.2.

mod backoff;
mod claim;
mod flights;
mod hand_over;
mod record;
mod wait;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use self::claim::More;
use self::flights::Flights;
use super::sender::Sender;
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::limits::LAST_MESSAGES;
use crate::models::outbox_messages;

pub use wait::{HandOver, wait_for_hand_over};

/// How often the outbox is looked at when nobody wakes the worker: retries, and what other nodes left.
const TICK: Duration = Duration::from_millis(500);
/// How often the length of the queue is measured.
const MEASURE: Duration = Duration::from_secs(5);

/// A clock that is behind by more was set; by less, it was slowed down.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// A running worker. Dropping it ends the worker in mid-flight; `stop` lets it finish.
pub struct Worker {
    stop: Arc<Notify>,
    /// Holds one task, and ends it when dropped.
    task: JoinSet<()>,
}

/// Starts this node's worker on the present runtime.
pub fn start(core: Core, sender: impl Sender + 'static) -> Worker {
    let stop = Arc::new(Notify::new());
    let mut task = JoinSet::new();
    task.spawn(run(core, Arc::new(sender), stop.clone()));
    Worker { stop, task }
}

impl Worker {
    /// Claims nothing more, and waits for what is being handed over, 12 seconds at the most.
    pub async fn stop(mut self) {
        self.stop.notify_one();
        if timeout(LAST_MESSAGES, self.task.join_next()).await.is_err() {
            tracing::warn!("messages were still being handed over when the outbox worker ended");
        }
    }
}

/// The loop. It waits by the machine's monotonic time; the portal's clock, which demo mode sets,
/// only goes into the rows.
async fn run(core: Core, sender: Arc<dyn Sender>, stop: Arc<Notify>) {
    let mut flights = Flights::default();
    let mut clock = None;
    let mut measured: Option<Instant> = None;
    let mut faulty = false;
    loop {
        let round = async {
            follow_clock(&core, &mut clock).await?;
            if measured.is_none_or(|at| at.elapsed() >= MEASURE) {
                measured = Some(Instant::now());
                measure(&core).await?;
            }
            claim::round(&core, &sender, &mut flights).await
        };
        let more = match round.await {
            Ok(more) => {
                faulty = false;
                more
            }
            Err(fault) => {
                // One line per outage, not two a second.
                if !faulty {
                    tracing::error!(%fault, "the outbox cannot be worked on");
                }
                faulty = true;
                More::No
            }
        };
        tokio::select! {
            () = stop.notified() => break,
            () = tokio::task::yield_now(), if more == More::Now => {}
            () = flights.land(), if more == More::AfterLanding => {}
            () = core.outbox.notified() => {}
            () = sleep(TICK) => {}
        }
    }
    flights.land_all().await;
}

/// A clock that was set back, the machine's or that of a demo, would leave rows waiting for a time that is far
/// away again. The monotonic time tells.
async fn follow_clock(core: &Core, last: &mut Option<(Instant, Timestamp)>) -> Result<(), Fault> {
    let (at, now) = (Instant::now(), core.clock.now());
    if last.is_some_and(|(before, then)| now + CLOCK_STEP < then + (at - before)) {
        tracing::warn!(%now, "the clock was set back: what waits in the outbox is due now");
        core.db.write(move |conn| outbox_messages::pull_in(conn, now, now + claim::LEASE).map_err(Fault::from)).await?;
    }
    *last = Some((at, now));
    Ok(())
}

async fn measure(core: &Core) -> Result<(), Fault> {
    let queued = core.db.read(|conn| outbox_messages::count_queued(conn).map_err(Fault::from)).await?;
    // A gauge is a float; the queue is far below 2^53.
    metrics::gauge!("vestibule_outbox_queued").set(queued as f64);
    Ok(())
}
