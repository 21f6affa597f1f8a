//! Waiting for a message, for the page that has just asked for a code.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::db::Fault;
use crate::domain::Core;
use crate::models::{MessageState, outbox_messages};

/// The shortest pause between two looks.
const POLL: Duration = Duration::from_millis(25);

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    Sent,
    /// At least one attempt failed; it may still be tried again.
    Failing,
    /// No attempt has ended yet.
    Waiting,
}

/// Waits until the message was handed over or an attempt failed, or until `patience` is over. Any
/// node may be the one that hands it over, hence the looks at the row.
pub async fn wait_for_hand_over(core: &Core, message_id: &str, patience: Duration) -> Result<HandOver, Fault> {
    let begun = Instant::now();
    loop {
        let id = message_id.to_owned();
        let row = core.db.read(move |conn| outbox_messages::find(conn, &id).map_err(Fault::from)).await?;
        let row = row.ok_or_else(|| Fault::Other("a message to wait for is not in the outbox".into()))?;
        match row.state {
            MessageState::Sent => return Ok(HandOver::Sent),
            MessageState::Failed => return Ok(HandOver::Failing),
            MessageState::Queued if row.last_error.is_some() => return Ok(HandOver::Failing),
            MessageState::Queued => {}
        }
        let waited = begun.elapsed();
        let Some(left) = patience.checked_sub(waited).filter(|left| !left.is_zero()) else {
            return Ok(HandOver::Waiting);
        };
        // What did not come at once comes later: rarer looks, so that an outage costs few reads.
        sleep(POLL.max(waited / 8).min(left)).await;
    }
}
