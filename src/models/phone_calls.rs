//! Calls that ask for the # key. A call belongs to the sign-in that placed it and approves no other.

use diesel::prelude::*;

use super::{CallState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::phone_calls;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct PhoneCall {
    pub id: String,
    pub session_id: String,
    pub user_id: String,
    pub factor_id: String,
    pub outbox_message_id: String,
    pub state: CallState,
    pub created_at: Timestamp,
    /// Until when it can be answered; `None` until the gateway has taken it.
    pub expires_at: Option<Timestamp>,
}

const OPEN: [CallState; 3] = [CallState::Queued, CallState::Ringing, CallState::Answered];

pub fn insert(conn: &mut DbConnection, row: &PhoneCall) -> QueryResult<()> {
    diesel::insert_into(phone_calls::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<PhoneCall>> {
    phone_calls::table.find(id).first(conn).optional()
}

pub fn find_by_message(conn: &mut DbConnection, outbox_message_id: &str) -> QueryResult<Option<PhoneCall>> {
    phone_calls::table.filter(phone_calls::outbox_message_id.eq(outbox_message_id)).first(conn).optional()
}

pub fn list_by_messages(conn: &mut DbConnection, outbox_message_ids: &[&str]) -> QueryResult<Vec<PhoneCall>> {
    phone_calls::table.filter(phone_calls::outbox_message_id.eq_any(outbox_message_ids.to_vec())).load(conn)
}

pub fn latest(conn: &mut DbConnection, session_id: &str) -> QueryResult<Option<PhoneCall>> {
    phone_calls::table
        .filter(phone_calls::session_id.eq(session_id))
        .order((phone_calls::created_at.desc(), phone_calls::id.desc()))
        .first(conn)
        .optional()
}

/// Ends every earlier call of a sign-in.
pub fn end_all(conn: &mut DbConnection, session_id: &str) -> QueryResult<usize> {
    diesel::update(
        phone_calls::table.filter(phone_calls::session_id.eq(session_id)).filter(phone_calls::state.ne_all([
            CallState::Used,
            CallState::Ended,
            CallState::Failed,
        ])),
    )
    .set(phone_calls::state.eq(CallState::Ended))
    .execute(conn)
}

/// The gateway has taken the call: it can be answered until `expires_at`.
pub fn handed_over(conn: &mut DbConnection, outbox_message_id: &str, expires_at: Timestamp) -> QueryResult<usize> {
    diesel::update(
        phone_calls::table
            .filter(phone_calls::outbox_message_id.eq(outbox_message_id))
            .filter(phone_calls::state.eq(CallState::Queued)),
    )
    .set((phone_calls::state.eq(CallState::Ringing), phone_calls::expires_at.eq(expires_at)))
    .execute(conn)
}

/// Moves an open call on; `true` when it was open and in time.
pub fn advance(conn: &mut DbConnection, id: &str, to: CallState, now: Timestamp) -> QueryResult<bool> {
    diesel::update(
        phone_calls::table.find(id).filter(phone_calls::state.eq_any(OPEN)).filter(phone_calls::expires_at.gt(now)),
    )
    .set(phone_calls::state.eq(to))
    .execute(conn)
    .map(|n| n == 1)
}

/// Ends a call that was not approved, however late the word comes.
pub fn end(conn: &mut DbConnection, id: &str, to: CallState) -> QueryResult<bool> {
    diesel::update(phone_calls::table.find(id).filter(phone_calls::state.eq_any(OPEN)))
        .set(phone_calls::state.eq(to))
        .execute(conn)
        .map(|n| n == 1)
}

/// Uses an approval up; `true` for the one caller who did. ASVS 6.5.1.
pub fn consume(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(phone_calls::table.find(id).filter(phone_calls::state.eq(CallState::Approved)))
        .set(phone_calls::state.eq(CallState::Used))
        .execute(conn)
        .map(|n| n == 1)
}
