//! What waits to go out, written in the transaction of the act that caused it.

use diesel::prelude::*;

use super::{Channel, MessageState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::outbox_messages;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct OutboxMessage {
    pub id: String,
    pub channel: Channel,
    /// The e-mail address, or the number in E.164.
    pub recipient: String,
    pub user_id: Option<String>,
    pub organization_id: Option<String>,
    pub kind: String,
    /// Sealed as `outbox_messages:payload:<id>`; gone after hand-over, save in demo mode.
    pub payload: Option<Vec<u8>>,
    pub payload_key_id: Option<String>,
    pub state: MessageState,
    pub attempts: i64,
    pub next_try_at: Timestamp,
    /// Until when one worker has it to itself.
    pub claimed_until: Option<Timestamp>,
    /// After this a message is of no use any more.
    pub give_up_at: Timestamp,
    pub provider_id: Option<String>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// The place a payload is sealed for.
pub fn payload_place(id: &str) -> String {
    format!("outbox_messages:payload:{id}")
}

pub fn insert(conn: &mut DbConnection, row: &OutboxMessage) -> QueryResult<()> {
    diesel::insert_into(outbox_messages::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<OutboxMessage>> {
    outbox_messages::table.find(id).first(conn).optional()
}

/// A queued row that nobody claimed since it was read.
macro_rules! unchanged {
    ($row:expr) => {
        outbox_messages::table
            .find(&$row.id)
            .filter(outbox_messages::state.eq(MessageState::Queued))
            .filter(outbox_messages::attempts.eq($row.attempts))
    };
}

/// Messages of a channel that are due and in nobody's hands, longest due first.
pub fn list_due(
    conn: &mut DbConnection,
    channel: Channel,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<OutboxMessage>> {
    outbox_messages::table
        .filter(outbox_messages::state.eq(MessageState::Queued))
        .filter(outbox_messages::channel.eq(channel))
        .filter(outbox_messages::next_try_at.le(now))
        .filter(outbox_messages::claimed_until.is_null().or(outbox_messages::claimed_until.le(now)))
        .order((outbox_messages::next_try_at, outbox_messages::id))
        .limit(limit)
        .load(conn)
}

/// Takes a message for one attempt; `true` for the one worker that got it. `attempts` only grows, so
/// a row that somebody else had since it was listed is not taken again.
pub fn claim(conn: &mut DbConnection, row: &OutboxMessage, until: Timestamp) -> QueryResult<bool> {
    diesel::update(unchanged!(row))
        .set((outbox_messages::claimed_until.eq(until), outbox_messages::attempts.eq(row.attempts + 1)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Records the hand-over. `keep_payload` is for the sandbox alone.
pub fn sent(
    conn: &mut DbConnection,
    id: &str,
    provider_id: Option<&str>,
    keep_payload: bool,
    now: Timestamp,
) -> QueryResult<()> {
    let row = outbox_messages::table.find(id);
    diesel::update(row)
        .set((
            outbox_messages::state.eq(MessageState::Sent),
            outbox_messages::sent_at.eq(now),
            outbox_messages::claimed_until.eq(None::<Timestamp>),
            outbox_messages::provider_id.eq(provider_id),
            outbox_messages::last_error.eq(None::<String>),
        ))
        .execute(conn)?;
    if keep_payload { Ok(()) } else { erase_payload(conn, id) }
}

/// Sets the next attempt after one that failed; `false` when another worker has taken it over.
pub fn retry(conn: &mut DbConnection, row: &OutboxMessage, at: Timestamp, why: &str) -> QueryResult<bool> {
    diesel::update(unchanged!(row))
        .set((
            outbox_messages::next_try_at.eq(at),
            outbox_messages::claimed_until.eq(None::<Timestamp>),
            outbox_messages::last_error.eq(why),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Gives up, visibly; `false` when another worker has taken it over.
pub fn failed(conn: &mut DbConnection, row: &OutboxMessage, why: &str, keep_payload: bool) -> QueryResult<bool> {
    let changed = diesel::update(unchanged!(row))
        .set((
            outbox_messages::state.eq(MessageState::Failed),
            outbox_messages::claimed_until.eq(None::<Timestamp>),
            outbox_messages::last_error.eq(why),
        ))
        .execute(conn)?;
    if changed == 1 && !keep_payload {
        erase_payload(conn, &row.id)?;
    }
    Ok(changed == 1)
}

/// After a clock was set back: what would wait for the old time is due now, and no claim outlasts
/// `lease_end`.
pub fn pull_in(conn: &mut DbConnection, now: Timestamp, lease_end: Timestamp) -> QueryResult<usize> {
    let queued = outbox_messages::state.eq(MessageState::Queued);
    let late = diesel::update(outbox_messages::table.filter(queued).filter(outbox_messages::next_try_at.gt(now)))
        .set(outbox_messages::next_try_at.eq(now))
        .execute(conn)?;
    diesel::update(outbox_messages::table.filter(queued).filter(outbox_messages::claimed_until.gt(lease_end)))
        .set(outbox_messages::claimed_until.eq(lease_end))
        .execute(conn)?;
    Ok(late)
}

fn erase_payload(conn: &mut DbConnection, id: &str) -> QueryResult<()> {
    diesel::update(outbox_messages::table.find(id))
        .set((outbox_messages::payload.eq(None::<Vec<u8>>), outbox_messages::payload_key_id.eq(None::<String>)))
        .execute(conn)
        .map(|_| ())
}

/// Newest first, for one recipient or all.
pub fn list_newest(conn: &mut DbConnection, recipient: Option<&str>, limit: i64) -> QueryResult<Vec<OutboxMessage>> {
    match recipient {
        Some(to) => outbox_messages::table
            .filter(outbox_messages::recipient.eq(to))
            .order(outbox_messages::id.desc())
            .limit(limit)
            .load(conn),
        None => outbox_messages::table.order(outbox_messages::id.desc()).limit(limit).load(conn),
    }
}

/// What went out to somebody last, newest first.
pub fn list_of_user(conn: &mut DbConnection, user_id: &str, limit: i64) -> QueryResult<Vec<OutboxMessage>> {
    outbox_messages::table
        .filter(outbox_messages::user_id.eq(user_id))
        .order(outbox_messages::id.desc())
        .limit(limit)
        .load(conn)
}

/// Those that wait, by id, from the one after `after`.
pub fn list_queued(conn: &mut DbConnection, after: &str, limit: i64) -> QueryResult<Vec<OutboxMessage>> {
    outbox_messages::table
        .filter(outbox_messages::state.eq(MessageState::Queued))
        .filter(outbox_messages::id.gt(after))
        .order(outbox_messages::id)
        .limit(limit)
        .load(conn)
}

/// How many wait.
pub fn count_queued(conn: &mut DbConnection) -> QueryResult<i64> {
    outbox_messages::table.filter(outbox_messages::state.eq(MessageState::Queued)).count().get_result(conn)
}

/// Payloads sealed with another key than `key_id`, for `rotate-keys`; by id, from the one
/// after `after`.
pub fn list_sealed_otherwise(
    conn: &mut DbConnection,
    key_id: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<OutboxMessage>> {
    outbox_messages::table
        .filter(outbox_messages::payload_key_id.ne(key_id))
        .filter(outbox_messages::id.gt(after))
        .order(outbox_messages::id)
        .limit(limit)
        .load(conn)
}

/// Replaces a sealed payload unless it was changed meanwhile.
pub fn reseal(conn: &mut DbConnection, id: &str, old: &[u8], new: &[u8], key_id: &str) -> QueryResult<bool> {
    diesel::update(outbox_messages::table.find(id).filter(outbox_messages::payload.eq(old)))
        .set((outbox_messages::payload.eq(new), outbox_messages::payload_key_id.eq(key_id)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Removes what was sent or given up before `before`. Ids sort by time, so this is a range of the
/// primary key.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(
        outbox_messages::table
            .filter(outbox_messages::id.lt(super::new_id(before)))
            .filter(outbox_messages::state.ne(MessageState::Queued)),
    )
    .execute(conn)
}

/// Takes back a message that nobody has seen.
pub fn delete(conn: &mut DbConnection, id: &str) -> QueryResult<usize> {
    diesel::delete(outbox_messages::table.find(id)).execute(conn)
}

/// What went to an organization's people, newest first, from the one before `before`.
pub fn list_of_organization(
    conn: &mut DbConnection,
    organization_id: &str,
    user_id: Option<&str>,
    (channel, state): (Option<Channel>, Option<MessageState>),
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<OutboxMessage>> {
    let mut query =
        outbox_messages::table.filter(outbox_messages::organization_id.eq(organization_id.to_owned())).into_boxed();
    if let Some(user_id) = user_id {
        query = query.filter(outbox_messages::user_id.eq(user_id.to_owned()));
    }
    if let Some(channel) = channel {
        query = query.filter(outbox_messages::channel.eq(channel));
    }
    if let Some(state) = state {
        query = query.filter(outbox_messages::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(outbox_messages::id.lt(before.to_owned()));
    }
    query.order(outbox_messages::id.desc()).limit(limit).load(conn)
}
