//! Sessions with the identity provider: which request they belong to, and how they ended. Nothing of
//! the document is here.

use diesel::prelude::*;

use super::{CheckState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::identity_checks;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct IdentityCheck {
    /// The reference that the provider keeps with its session.
    pub id: String,
    pub self_reset_id: String,
    pub user_id: String,
    /// The session's id there; `None` until the provider has answered.
    pub session_id: Option<String>,
    pub state: CheckState,
    /// Why it has to be tried again, in the provider's word.
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the provider's record was redacted.
    pub redacted_at: Option<Timestamp>,
}

/// What may still come to something.
pub const OPEN: [CheckState; 3] = [CheckState::Open, CheckState::Processing, CheckState::NeedsInput];

pub fn insert(conn: &mut DbConnection, row: &IdentityCheck) -> QueryResult<()> {
    diesel::insert_into(identity_checks::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<IdentityCheck>> {
    identity_checks::table.find(id).first(conn).optional()
}

pub fn find_by_session(conn: &mut DbConnection, session_id: &str) -> QueryResult<Option<IdentityCheck>> {
    identity_checks::table.filter(identity_checks::session_id.eq(session_id)).first(conn).optional()
}

/// The newest check of a request.
pub fn newest(conn: &mut DbConnection, self_reset_id: &str) -> QueryResult<Option<IdentityCheck>> {
    identity_checks::table
        .filter(identity_checks::self_reset_id.eq(self_reset_id))
        .order(identity_checks::id.desc())
        .first(conn)
        .optional()
}

/// Keeps the provider's id; `true` for the first caller who has one.
pub fn begun(conn: &mut DbConnection, id: &str, session_id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(identity_checks::table.find(id).filter(identity_checks::session_id.is_null()))
        .set((identity_checks::session_id.eq(session_id), identity_checks::updated_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Takes a check that may still come to something into another state; `true` for the one caller who did.
pub fn settle(
    conn: &mut DbConnection,
    id: &str,
    to: CheckState,
    reason: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(identity_checks::table.find(id).filter(identity_checks::state.eq_any(OPEN)))
        .set((identity_checks::state.eq(to), identity_checks::reason.eq(reason), identity_checks::updated_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

/// The request has ended: the provider is to be told.
pub fn close_of(conn: &mut DbConnection, self_reset_id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(
        identity_checks::table
            .filter(identity_checks::self_reset_id.eq(self_reset_id))
            .filter(identity_checks::state.eq_any(OPEN)),
    )
    .set((identity_checks::state.eq(CheckState::Closing), identity_checks::updated_at.eq(now)))
    .execute(conn)
}

/// The provider has been told.
pub fn closed(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(identity_checks::table.find(id).filter(identity_checks::state.eq(CheckState::Closing)))
        .set((identity_checks::state.eq(CheckState::Canceled), identity_checks::updated_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Checks in a state, longest untouched first.
pub fn list_in(conn: &mut DbConnection, state: CheckState, limit: i64) -> QueryResult<Vec<IdentityCheck>> {
    identity_checks::table
        .filter(identity_checks::state.eq(state))
        .order((identity_checks::updated_at, identity_checks::id))
        .limit(limit)
        .load(conn)
}

/// Notes that a check was asked about, so that the others have their turn.
pub fn asked(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(identity_checks::table.find(id)).set(identity_checks::updated_at.eq(now)).execute(conn)
}

/// Checks that ended before `before` and whose record the provider still has.
pub fn list_to_redact(conn: &mut DbConnection, before: Timestamp, limit: i64) -> QueryResult<Vec<IdentityCheck>> {
    identity_checks::table
        .filter(identity_checks::state.eq_any([CheckState::Verified, CheckState::Canceled]))
        .filter(identity_checks::updated_at.lt(before))
        .filter(identity_checks::redacted_at.is_null())
        .filter(identity_checks::session_id.is_not_null())
        .order((identity_checks::updated_at, identity_checks::id))
        .limit(limit)
        .load(conn)
}

pub fn redacted(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(identity_checks::table.find(id).filter(identity_checks::redacted_at.is_null()))
        .set(identity_checks::redacted_at.eq(now))
        .execute(conn)
        .map(|n| n == 1)
}
