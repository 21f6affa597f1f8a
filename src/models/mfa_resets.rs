//! Resets as they were asked for: by whom, with which button, of what scope.

use diesel::prelude::*;

use super::{QueryResult, ResetScope};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::mfa_resets;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct MfaReset {
    /// What the receipt and the audit log call it.
    pub reference: String,
    pub actor_id: Option<String>,
    /// The organization acted in.
    pub organization_id: Option<String>,
    pub scope: ResetScope,
    /// The words on the button.
    pub label: String,
    /// `console`, `api` or `command line`.
    pub via: String,
    pub created_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &MfaReset) -> QueryResult<()> {
    diesel::insert_into(mfa_resets::table).values(row).execute(conn).map(|_| ())
}

/// Somebody's own, by its reference.
pub fn find_of(conn: &mut DbConnection, actor_id: &str, reference: &str) -> QueryResult<Option<MfaReset>> {
    mfa_resets::table.find(reference).filter(mfa_resets::actor_id.eq(actor_id)).first(conn).optional()
}

/// Removes what was asked for before `before`, with its results; the audit log keeps them.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(mfa_resets::table.filter(mfa_resets::created_at.lt(before))).execute(conn)
}
