//! Who did what to whom, from where, and how it ended. Written with the act; never changed.

use diesel::prelude::*;

use super::{AuditResult, QueryResult};
use crate::clock::Timestamp;
use crate::db::{DbConnection, MultiBackend, after_commit, each};
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

/// Writes an entry, and its copy into the log once the transaction has committed: here, the one place where
/// entries come to be, so that nobody can leave it out. ASVS 16.2.1, 16.4.3.
pub fn insert(conn: &mut DbConnection, row: &AuditEntry) -> QueryResult<()> {
    diesel::insert_into(audit_entries::table).values(row).execute(conn)?;
    let copy = row.clone();
    after_commit(move || log(&copy));
    Ok(())
}

/// The target of those lines; they are written whatever level the log is set to.
pub const LOG_TARGET: &str = "audit";

fn log(row: &AuditEntry) {
    tracing::info!(
        target: LOG_TARGET, id = row.id, at = %moment(row.at), actor_kind = row.actor_kind, actor = row.actor_id,
        action = row.action, result = row.result.as_str(), subject = row.subject_user_id,
        organization = row.organization_id, address = row.address, request_id = row.request_id,
        session = row.session_id, details = %in_one_line(&row.details), "audit"
    );
}

/// RFC 3339 with Z, to the microsecond.
fn moment(at: Timestamp) -> String {
    at.assume_utc().format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// Details are JSON, in which a control character may stand beyond ASCII: escaped here as JSON has it, so that
/// none moves the cursor of a terminal. ASVS 16.4.1.
fn in_one_line(details: &str) -> String {
    details.chars().map(|c| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.into() }).collect()
}

/// Sign-ins of somebody, and tries that failed at either step; newest first.
pub fn list_sign_ins(conn: &mut DbConnection, user_id: &str, limit: i64) -> QueryResult<Vec<AuditEntry>> {
    // Not `eq_any`: a list of any length is prepared anew each time.
    let tries = audit_entries::action.eq("password").or(audit_entries::action.eq("second_step"));
    let failed = tries.and(audit_entries::result.eq(AuditResult::Failure));
    let query = audit_entries::table
        .filter(audit_entries::subject_user_id.eq(user_id))
        .filter(audit_entries::action.eq("sign_in").or(failed))
        .order(audit_entries::id.desc())
        .limit(limit);
    each!(conn, |c| query.load(c))
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

/// What is looked for; nothing given, nothing asked.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub organization_id: Option<String>,
    pub actor_ids: Option<Vec<String>>,
    pub subject_ids: Option<Vec<String>>,
    pub actions: Option<Vec<String>>,
    pub result: Option<AuditResult>,
    /// Ids from this one on; ids sort by time.
    pub from_id: Option<String>,
    /// Ids below this one.
    pub below_id: Option<String>,
}

fn filtered(filter: &Filter) -> audit_entries::BoxedQuery<'_, MultiBackend> {
    let mut query = audit_entries::table.into_boxed();
    if let Some(id) = &filter.organization_id {
        query = query.filter(audit_entries::organization_id.eq(id));
    }
    if let Some(ids) = &filter.actor_ids {
        query = query.filter(audit_entries::actor_id.eq_any(ids));
    }
    if let Some(ids) = &filter.subject_ids {
        query = query.filter(audit_entries::subject_user_id.eq_any(ids));
    }
    if let Some(actions) = &filter.actions {
        query = query.filter(audit_entries::action.eq_any(actions));
    }
    if let Some(result) = filter.result {
        query = query.filter(audit_entries::result.eq(result));
    }
    if let Some(id) = &filter.from_id {
        query = query.filter(audit_entries::id.ge(id));
    }
    if let Some(id) = &filter.below_id {
        query = query.filter(audit_entries::id.lt(id));
    }
    query
}

/// Newest first, from the one before `before`.
pub fn list_older(
    conn: &mut DbConnection,
    filter: &Filter,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<AuditEntry>> {
    let mut query = filtered(filter);
    if let Some(before) = before {
        query = query.filter(audit_entries::id.lt(before));
    }
    query.order(audit_entries::id.desc()).limit(limit).load(conn)
}

/// The other way: oldest first, from the one after `after`.
pub fn list_newer(conn: &mut DbConnection, filter: &Filter, after: &str, limit: i64) -> QueryResult<Vec<AuditEntry>> {
    filtered(filter).filter(audit_entries::id.gt(after)).order(audit_entries::id).limit(limit).load(conn)
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<AuditEntry>> {
    audit_entries::table.find(id).first(conn).optional()
}

/// Entries without a seal that are older than the id `below`, oldest first.
pub fn list_unsealed(conn: &mut DbConnection, below: &str, limit: i64) -> QueryResult<Vec<AuditEntry>> {
    audit_entries::table
        .filter(audit_entries::seal.is_null())
        .filter(audit_entries::id.lt(below))
        .order(audit_entries::id)
        .limit(limit)
        .load(conn)
}

/// Gives entries their seal; how many had none.
pub fn set_seal(conn: &mut DbConnection, ids: &[&str], seal: i64) -> QueryResult<usize> {
    diesel::update(
        audit_entries::table.filter(audit_entries::id.eq_any(ids.to_vec())).filter(audit_entries::seal.is_null()),
    )
    .set(audit_entries::seal.eq(seal))
    .execute(conn)
}

/// The entries of a seal in the order of their ids.
pub fn list_sealed(conn: &mut DbConnection, seal: i64) -> QueryResult<Vec<AuditEntry>> {
    audit_entries::table.filter(audit_entries::seal.eq(seal)).order(audit_entries::id).load(conn)
}

/// How many have no seal yet.
pub fn count_unsealed(conn: &mut DbConnection) -> QueryResult<i64> {
    audit_entries::table.filter(audit_entries::seal.is_null()).count().get_result(conn)
}

/// How many name a seal above `number`.
pub fn count_sealed_after(conn: &mut DbConnection, number: i64) -> QueryResult<i64> {
    audit_entries::table.filter(audit_entries::seal.gt(number)).count().get_result(conn)
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
