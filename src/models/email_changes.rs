//! Addresses that an administrator proposed; one per account, the newest.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::email_changes;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct EmailChange {
    pub id: String,
    pub user_id: String,
    pub email: String,
    /// In whose name it was proposed; nobody's for an operator without one.
    pub organization_id: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Who proposed it.
    pub proposer_id: Option<String>,
}

pub fn insert(conn: &mut DbConnection, row: &EmailChange) -> QueryResult<()> {
    diesel::insert_into(email_changes::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<EmailChange>> {
    email_changes::table.find(id).first(conn).optional()
}

pub fn find_of_user(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<Option<EmailChange>> {
    email_changes::table
        .filter(email_changes::user_id.eq(user_id))
        .filter(email_changes::expires_at.gt(now))
        .first(conn)
        .optional()
}

pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(email_changes::table.filter(email_changes::user_id.eq(user_id))).execute(conn)
}

/// Removes what ended before `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(email_changes::table.filter(email_changes::expires_at.lt(before))).execute(conn)
}
