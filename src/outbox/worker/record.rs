//! What came of an attempt, written in one transaction with what hangs on it.

use time::Duration;

use super::backoff;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::limits::CALL_SECONDS;
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::{CallState, CodeState, QueryResult, one_time_codes, phone_calls, sessions};
use crate::outbox::sender::{Receipt, SendError};

/// What was written.
pub enum Recorded {
    Sent,
    Again {
        why: String,
        after: Duration,
    },
    Failed {
        why: String,
    },
    /// The lease had ended and another worker has the row; its record counts.
    TakenOver,
}

/// Records the outcome of an attempt that ended at `at`. May be called again after a fault.
pub fn record(
    conn: &mut DbConnection,
    core: &Core,
    row: &OutboxMessage,
    outcome: &Result<Receipt, SendError>,
    at: Timestamp,
) -> Result<Recorded, Fault> {
    let (why, refused) = match outcome {
        Ok(receipt) => {
            sent(conn, core, row, receipt, at)?;
            return Ok(Recorded::Sent);
        }
        Err(SendError::Retry { why }) => (why, false),
        Err(SendError::Refused { why }) => (why, true),
    };
    // Before the call is marked below: only one that still waits gives its send back.
    if row.attempts == 1 {
        return_send(conn, &row.id)?;
    }
    let after = backoff::delay(row.attempts);
    let late = at + after >= row.give_up_at;
    if !refused && !late {
        let recorded = outbox_messages::retry(conn, row, at + after, why)?;
        return Ok(if recorded { Recorded::Again { why: why.clone(), after } } else { Recorded::TakenOver });
    }
    let why = if refused { why.clone() } else { gave_up(row.attempts, Some(why)) };
    Ok(if give_up(conn, core, row, &why)? { Recorded::Failed { why } } else { Recorded::TakenOver })
}

/// What administrators read about a message whose time ran out.
pub fn gave_up(attempts: i64, last_error: Option<&str>) -> String {
    let s = if attempts == 1 { "" } else { "s" };
    let why = last_error.map(|why| format!(": {why}")).unwrap_or_default();
    format!("gave up after {attempts} attempt{s}{why}")
}

/// Marks a message as failed, and its call with it; `false` when another worker has taken it over.
pub fn give_up(conn: &mut DbConnection, core: &Core, row: &OutboxMessage, why: &str) -> QueryResult<bool> {
    if !outbox_messages::failed(conn, row, why, core.settings.demo)? {
        return Ok(false);
    }
    if let Some(call) = phone_calls::find_by_message(conn, &row.id)? {
        phone_calls::end(conn, &call.id, CallState::Failed)?;
    }
    Ok(true)
}

/// It is out, so this is recorded even if another worker has the row by now.
fn sent(
    conn: &mut DbConnection,
    core: &Core,
    row: &OutboxMessage,
    receipt: &Receipt,
    at: Timestamp,
) -> QueryResult<()> {
    outbox_messages::sent(conn, &row.id, receipt.provider_id.as_deref(), core.settings.demo, at)?;
    one_time_codes::handed_over(conn, &row.id, at)?;
    phone_calls::handed_over(conn, &row.id, at + Duration::seconds(CALL_SECONDS))?;
    Ok(())
}

/// Nothing arrived, so the person may ask again at once. A code or call that was replaced meanwhile
/// gives nothing back: the send that counts now is another one.
fn return_send(conn: &mut DbConnection, message_id: &str) -> QueryResult<()> {
    let code = one_time_codes::find_by_message(conn, message_id)?.filter(|code| code.state == CodeState::Live);
    let call = phone_calls::find_by_message(conn, message_id)?.filter(|call| call.state == CallState::Queued);
    let session = code.and_then(|code| code.session_id).or(call.map(|call| call.session_id));
    if let Some(id) = session {
        sessions::return_send(conn, &id)?;
    }
    Ok(())
}
