//! E-mails, text messages and calls as they "arrive", newest first.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::rfc3339;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::outbox_messages::{self, OutboxMessage, payload_place};
use crate::models::phone_calls::{self, PhoneCall};
use crate::models::{CallState, Channel, MessageState, one_time_codes};
use crate::secrets::KeyRing;

const MOST: i64 = 1_000;
/// What a call says, in short; the words themselves belong to the gateway.
const CALL: &str = "Press the # key to sign in.";

/// No Debug: it holds a code or a link.
#[derive(Serialize)]
pub struct OutboxItem {
    pub id: String,
    pub channel: Channel,
    pub to: String,
    pub user_id: Option<String>,
    pub kind: String,
    pub subject: Option<String>,
    pub text: String,
    pub code: Option<String>,
    pub link: Option<String>,
    /// `queued`, `sent`, `failed`, `ringing`, `answered` or `ended`.
    pub state: &'static str,
    /// Where to post the key that is pressed, while the call can be answered.
    pub press_url: Option<String>,
    pub sent_at: Option<String>,
    pub expires_at: Option<String>,
    /// For pages, like what follows: when it was sent, or queued.
    #[serde(skip)]
    pub at: Timestamp,
    /// Whether there is an HTML part to show.
    #[serde(skip)]
    pub has_html: bool,
    /// Whether the # key was pressed.
    #[serde(skip)]
    pub approved: bool,
}

/// The newest messages, at most `limit`, for one recipient or all.
pub fn outbox(
    conn: &mut DbConnection,
    keys: &KeyRing,
    to: Option<&str>,
    limit: i64,
    now: Timestamp,
    base_url: &str,
) -> Result<Vec<OutboxItem>, Fault> {
    let rows = outbox_messages::list_newest(conn, to, limit.clamp(1, MOST))?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let expiries: HashMap<String, Option<Timestamp>> = one_time_codes::expiries(conn, &ids)?.into_iter().collect();
    let calls: HashMap<String, PhoneCall> = phone_calls::list_by_messages(conn, &ids)?
        .into_iter()
        .map(|call| (call.outbox_message_id.clone(), call))
        .collect();
    rows.into_iter()
        .map(|row| {
            let payload = opened(&row, keys)?;
            let call = calls.get(&row.id);
            let expires_at = call.map_or_else(|| expiries.get(&row.id).copied().flatten(), |call| call.expires_at);
            Ok(OutboxItem {
                subject: word(&payload, "/outgoing/email/subject"),
                text: text(row.channel, &payload),
                code: word(&payload, "/code"),
                link: word(&payload, "/link"),
                state: state(&row, call, now),
                press_url: call.filter(|call| can_be_answered(call, now)).map(|call| press_url(base_url, &call.id)),
                sent_at: row.sent_at.and_then(rfc3339),
                at: row.sent_at.unwrap_or(row.created_at),
                has_html: payload.pointer("/outgoing/email/html").is_some(),
                approved: call.is_some_and(|call| matches!(call.state, CallState::Approved | CallState::Used)),
                expires_at: expires_at.and_then(rfc3339),
                id: row.id,
                channel: row.channel,
                to: row.recipient,
                user_id: row.user_id,
                kind: row.kind,
            })
        })
        .collect()
}

/// The payload as JSON; `Null` once it was erased.
fn opened(row: &OutboxMessage, keys: &KeyRing) -> Result<Value, Fault> {
    let (Some(sealed), Some(key_id)) = (&row.payload, &row.payload_key_id) else {
        return Ok(Value::Null);
    };
    let plain = keys.open(&payload_place(&row.id), key_id, sealed)?;
    serde_json::from_slice(&plain).map_err(|e| Fault::Other(format!("payload of message {}: {e}", row.id)))
}

fn word(payload: &Value, pointer: &str) -> Option<String> {
    payload.pointer(pointer)?.as_str().map(str::to_owned)
}

fn text(channel: Channel, payload: &Value) -> String {
    match channel {
        Channel::Email => word(payload, "/outgoing/email/text"),
        Channel::Sms => word(payload, "/outgoing/sms/text"),
        Channel::Call => Some(CALL.to_owned()),
    }
    .unwrap_or_default()
}

fn state(row: &OutboxMessage, call: Option<&PhoneCall>, now: Timestamp) -> &'static str {
    match (row.channel, row.state) {
        (_, MessageState::Failed) => "failed",
        (Channel::Email | Channel::Sms, state) => state.as_str(),
        (Channel::Call, state) => match call {
            Some(call) => call_state(call, now),
            // Its sign-in is gone, and the call with it.
            None if state == MessageState::Sent => "ended",
            None => "queued",
        },
    }
}

fn call_state(call: &PhoneCall, now: Timestamp) -> &'static str {
    match call.state {
        CallState::Queued => "queued",
        CallState::Ringing if can_be_answered(call, now) => "ringing",
        CallState::Answered if can_be_answered(call, now) => "answered",
        CallState::Approved | CallState::Used => "answered",
        CallState::Ringing | CallState::Answered | CallState::Ended => "ended",
        CallState::Failed => "failed",
    }
}

/// Whether a key that is pressed now still counts.
fn can_be_answered(call: &PhoneCall, now: Timestamp) -> bool {
    matches!(call.state, CallState::Ringing | CallState::Answered) && call.expires_at.is_some_and(|until| now < until)
}

fn press_url(base_url: &str, call_id: &str) -> String {
    format!("{}/sandbox/calls/{call_id}/press", base_url.trim_end_matches('/'))
}
