//! Who did what to whom, from where, and how it ended. Written with the act; never changed.

use diesel::prelude::*;

use super::{AuditResult, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::audit_entries;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = audit_entries)]
pub struct AuditEntry {
    pub id: String,
    pub at: Timestamp,
    /// `user`, `stranger`, `system` or `cli`.
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub result: AuditResult,
    pub subject_user_id: Option<String>,
    pub organization_id: Option<String>,
    pub address: String,
    pub user_agent: String,
    pub request_id: String,
    pub session_id: Option<String>,
    /// A JSON object.
    pub details: String,
    /// The batch of the hash chain it was sealed in.
    pub seal: Option<i64>,
}

pub fn insert(conn: &mut DbConnection, row: &AuditEntry) -> QueryResult<()> {
    diesel::insert_into(audit_entries::table).values(row).execute(conn).map(|_| ())
}

/// Sign-ins of somebody, and tries that failed at either step; newest first.
pub fn list_sign_ins(conn: &mut DbConnection, user_id: &str, limit: i64) -> QueryResult<Vec<AuditEntry>> {
    let failed =
        audit_entries::action.eq_any(["password", "second_step"]).and(audit_entries::result.eq(AuditResult::Failure));
    audit_entries::table
        .filter(audit_entries::subject_user_id.eq(user_id))
        .filter(audit_entries::action.eq("sign_in").or(failed))
        .order(audit_entries::id.desc())
        .limit(limit)
        .load(conn)
}

/// What concerns somebody, among some actions, newest first.
pub fn list_of_user(
    conn: &mut DbConnection,
    user_id: &str,
    actions: &[&str],
    limit: i64,
) -> QueryResult<Vec<AuditEntry>> {
    audit_entries::table
        .filter(audit_entries::subject_user_id.eq(user_id))
        .filter(audit_entries::action.eq_any(actions.to_vec()))
        .order(audit_entries::id.desc())
        .limit(limit)
        .load(conn)
}

/// Everything that concerns somebody, older than `before` (an id) when given, newest first.
pub fn list_about(
    conn: &mut DbConnection,
    user_id: &str,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<AuditEntry>> {
    let mut query = audit_entries::table.filter(audit_entries::subject_user_id.eq(user_id.to_owned())).into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_entries::id.lt(before.to_owned()));
    }
    query.order(audit_entries::id.desc()).limit(limit).load(conn)
}
