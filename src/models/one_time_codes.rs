//! Codes that were sent. Only an HMAC is kept; one live code per sign-in and purpose.

use diesel::prelude::*;

use super::{Channel, CodeState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::one_time_codes;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct OneTimeCode {
    pub id: String,
    pub session_id: Option<String>,
    pub user_id: Option<String>,
    pub factor_id: Option<String>,
    pub purpose: String,
    pub channel: Channel,
    pub code_hash: Vec<u8>,
    pub outbox_message_id: String,
    /// From hand-over to the sender.
    pub lifetime_seconds: i64,
    pub tries_left: i64,
    pub state: CodeState,
    pub created_at: Timestamp,
    /// `None` until the sender has taken it.
    pub expires_at: Option<Timestamp>,
    /// What it belongs to when that is no sign-in, such as `registration:<id>`.
    pub subject_id: Option<String>,
    /// The address or number it proves.
    pub destination: Option<String>,
}

pub fn insert(conn: &mut DbConnection, row: &OneTimeCode) -> QueryResult<()> {
    diesel::insert_into(one_time_codes::table).values(row).execute(conn).map(|_| ())
}

/// The code that a message carries.
pub fn find_by_message(conn: &mut DbConnection, outbox_message_id: &str) -> QueryResult<Option<OneTimeCode>> {
    one_time_codes::table.filter(one_time_codes::outbox_message_id.eq(outbox_message_id)).first(conn).optional()
}

/// The newest code of a sign-in, whatever became of it.
pub fn latest(conn: &mut DbConnection, session_id: &str, channel: Channel) -> QueryResult<Option<OneTimeCode>> {
    one_time_codes::table
        .filter(one_time_codes::session_id.eq(session_id))
        .filter(one_time_codes::channel.eq(channel))
        .order((one_time_codes::created_at.desc(), one_time_codes::id.desc()))
        .first(conn)
        .optional()
}

/// A newer code replaces the older ones of its sign-in.
pub fn replace_all(conn: &mut DbConnection, session_id: &str) -> QueryResult<usize> {
    diesel::update(
        one_time_codes::table
            .filter(one_time_codes::session_id.eq(session_id))
            .filter(one_time_codes::state.eq(CodeState::Live)),
    )
    .set(one_time_codes::state.eq(CodeState::Replaced))
    .execute(conn)
}

/// The newest code of something else than a sign-in.
pub fn latest_of_subject(conn: &mut DbConnection, subject_id: &str) -> QueryResult<Option<OneTimeCode>> {
    one_time_codes::table
        .filter(one_time_codes::subject_id.eq(subject_id))
        .order((one_time_codes::created_at.desc(), one_time_codes::id.desc()))
        .first(conn)
        .optional()
}

/// A newer code replaces the older ones of its subject.
pub fn replace_all_of_subject(conn: &mut DbConnection, subject_id: &str) -> QueryResult<usize> {
    diesel::update(
        one_time_codes::table
            .filter(one_time_codes::subject_id.eq(subject_id))
            .filter(one_time_codes::state.eq(CodeState::Live)),
    )
    .set(one_time_codes::state.eq(CodeState::Replaced))
    .execute(conn)
}

/// Starts the code's life: the sender has taken its message.
pub fn handed_over(conn: &mut DbConnection, outbox_message_id: &str, now: Timestamp) -> QueryResult<()> {
    let row: Option<OneTimeCode> = one_time_codes::table
        .filter(one_time_codes::outbox_message_id.eq(outbox_message_id))
        .filter(one_time_codes::expires_at.is_null())
        .first(conn)
        .optional()?;
    if let Some(row) = row {
        diesel::update(one_time_codes::table.find(&row.id))
            .set(one_time_codes::expires_at.eq(now + time::Duration::seconds(row.lifetime_seconds)))
            .execute(conn)?;
    }
    Ok(())
}

/// Until when the codes of these messages work, by message; `None` until hand-over.
pub fn expiries(conn: &mut DbConnection, outbox_message_ids: &[&str]) -> QueryResult<Vec<(String, Option<Timestamp>)>> {
    one_time_codes::table
        .filter(one_time_codes::outbox_message_id.eq_any(outbox_message_ids.to_vec()))
        .select((one_time_codes::outbox_message_id, one_time_codes::expires_at))
        .load(conn)
}

/// Takes one of the code's tries; `false` when it is over, late or used. ASVS 6.6.3.
pub fn claim_try(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(
        one_time_codes::table
            .find(id)
            .filter(one_time_codes::state.eq(CodeState::Live))
            .filter(one_time_codes::tries_left.gt(0))
            .filter(one_time_codes::expires_at.gt(now)),
    )
    .set(one_time_codes::tries_left.eq(one_time_codes::tries_left - 1))
    .execute(conn)
    .map(|n| n == 1)
}

/// Uses the code up; `true` for the one caller who did. ASVS 6.5.1.
pub fn consume(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(one_time_codes::table.find(id).filter(one_time_codes::state.eq(CodeState::Live)))
        .set(one_time_codes::state.eq(CodeState::Used))
        .execute(conn)
        .map(|n| n == 1)
}

/// Removes codes made before `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(one_time_codes::table.filter(one_time_codes::created_at.lt(before))).execute(conn)
}

/// No code that went out is good any more, whatever it was for.
pub fn replace_everything(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::update(one_time_codes::table.filter(one_time_codes::state.eq(CodeState::Live)))
        .set(one_time_codes::state.eq(CodeState::Replaced))
        .execute(conn)
}
