//! Putting a message into the outbox, in the transaction of the act that caused it.

use serde::{Deserialize, Serialize};
use time::Duration;

use super::message::Outgoing;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::outbox_messages::{self, OutboxMessage, payload_place};
use crate::models::{MessageState, new_id, users};
use crate::secrets::KeyRing;

/// What a row keeps sealed. Code and link stand beside the message for the sandbox alone.
#[derive(Serialize, Deserialize)]
pub struct Payload {
    pub outgoing: Outgoing,
    pub code: Option<String>,
    pub link: Option<String>,
}

/// A message to be queued.
pub struct New<'a> {
    /// What it is about, such as `sign_in_code`.
    pub kind: &'a str,
    pub user_id: Option<&'a str>,
    pub organization_id: Option<&'a str>,
    pub payload: Payload,
    /// After this it is of no use any more.
    pub life: Duration,
}

/// Seals and queues a message; returns its id. Call `Core::outbox.notify_one()` after the commit.
pub fn enqueue(conn: &mut DbConnection, keys: &KeyRing, new: New, now: Timestamp) -> Result<String, Fault> {
    let id = new_id(now);
    let plain = serde_json::to_vec(&new.payload).map_err(|e| Fault::Other(e.to_string()))?;
    let sealed = keys.seal(&payload_place(&id), &plain)?;
    // Whoever manages an account sees what was sent to it.
    let organization_id = match (new.organization_id, new.user_id) {
        (Some(organization_id), _) => Some(organization_id.to_owned()),
        (None, Some(user_id)) => users::managing_organization(conn, user_id)?,
        (None, None) => None,
    };
    outbox_messages::insert(
        conn,
        &OutboxMessage {
            id: id.clone(),
            channel: new.payload.outgoing.channel(),
            recipient: new.payload.outgoing.to().to_owned(),
            user_id: new.user_id.map(Into::into),
            organization_id,
            kind: new.kind.into(),
            payload: Some(sealed.bytes),
            payload_key_id: Some(sealed.key_id),
            state: MessageState::Queued,
            attempts: 0,
            next_try_at: now,
            claimed_until: None,
            give_up_at: now + new.life,
            provider_id: None,
            last_error: None,
            created_at: now,
            sent_at: None,
        },
    )?;
    Ok(id)
}

/// Opens what a row holds; `None` once it was erased.
pub fn open(keys: &KeyRing, row: &OutboxMessage) -> Result<Option<Payload>, Fault> {
    let (Some(bytes), Some(key_id)) = (&row.payload, &row.payload_key_id) else { return Ok(None) };
    let plain = keys.open(&payload_place(&row.id), key_id, bytes)?;
    serde_json::from_slice(&plain).map(Some).map_err(|e| Fault::Other(e.to_string()))
}

/// Gives up what waits and carries a code or a link, where those were ended; how many there were. Notices still
/// go out. What cannot be read any more, because its key was taken out, goes with them: nobody can send it.
pub fn give_up_what_opens(conn: &mut DbConnection, keys: &KeyRing, why: &str) -> Result<usize, Fault> {
    const AT_ONCE: i64 = 500;
    let (mut after, mut given_up) = (String::new(), 0);
    loop {
        let rows = outbox_messages::list_queued(conn, &after, AT_ONCE)?;
        let Some(last) = rows.last() else { return Ok(given_up) };
        after = last.id.clone();
        for row in &rows {
            let opens = match open(keys, row) {
                Ok(payload) => payload.is_some_and(|payload| payload.code.is_some() || payload.link.is_some()),
                Err(fault) => {
                    tracing::warn!(message = row.id, error = %fault, "a message cannot be read");
                    true
                }
            };
            if opens && outbox_messages::failed(conn, row, why, false)? {
                given_up += 1;
            }
        }
    }
}
