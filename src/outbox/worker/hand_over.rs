//! One attempt: the sender has its time, and what came of it is recorded however long that takes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{sleep, timeout};

use super::claim::Claimed;
use super::record::{self, Recorded};
use crate::domain::Core;
use crate::models::outbox_messages::OutboxMessage;
use crate::outbox::sender::{SendError, Sender};

/// The end of any attempt, whatever the sender does: well before the lease ends.
const LONGEST: Duration = Duration::from_secs(40);
/// Between two tries to record an outcome.
const RECORD_AGAIN: Duration = Duration::from_millis(50);
const RECORD_AGAIN_MAX: Duration = Duration::from_secs(1);

/// Hands one message over and records the outcome.
pub async fn carry(core: Core, sender: Arc<dyn Sender>, Claimed { row, payload }: Claimed) {
    // A sender that panics must not take its place in the worker along.
    let attempt = AssertUnwindSafe(timeout(LONGEST, sender.send(&row.id, &payload.outgoing))).catch_unwind();
    let outcome = match attempt.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(SendError::retry(format!("not handed over within {} s", LONGEST.as_secs()))),
        Err(_) => Err(SendError::retry("the sender failed unexpectedly")),
    };
    // A code's life begins here, not when the record is written.
    let at = core.clock.now();
    drop(payload);
    let (row, outcome) = (Arc::new(row), Arc::new(outcome));
    let mut pause = RECORD_AGAIN;
    let mut told = false;
    loop {
        let (core_too, row_too, outcome_too) = (core.clone(), row.clone(), outcome.clone());
        match core.db.write(move |conn| record::record(conn, &core_too, &row_too, &outcome_too, at)).await {
            Ok(recorded) => return tell(&row, &recorded),
            Err(fault) => {
                // To give up here would send the message again after the lease.
                if !told {
                    tracing::error!(id = row.id, %fault, "the outcome of a hand-over cannot be recorded yet");
                }
                told = true;
                sleep(pause).await;
                pause = (pause * 2).min(RECORD_AGAIN_MAX);
            }
        }
    }
}

/// Log and counters, without recipient, code or text. ASVS 16.2.5.
fn tell(row: &OutboxMessage, recorded: &Recorded) {
    let (id, kind, channel, attempts) = (row.id.as_str(), row.kind.as_str(), row.channel.as_str(), row.attempts);
    match recorded {
        Recorded::Sent => {
            metrics::counter!("vestibule_outbox_sent_total", "channel" => channel).increment(1);
            tracing::info!(id, kind, channel, attempts, "a message was handed over");
        }
        Recorded::Again { why, after } => {
            let seconds = after.as_seconds_f32();
            tracing::warn!(id, kind, channel, attempts, why, seconds, "a message will be tried again");
        }
        Recorded::Failed { why } => {
            metrics::counter!("vestibule_outbox_failed_total", "channel" => channel).increment(1);
            tracing::error!(id, kind, channel, attempts, why, "a message was given up");
        }
        Recorded::TakenOver => tracing::warn!(id, kind, channel, "another worker has taken a message over"),
    }
}
