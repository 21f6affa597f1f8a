//! The hash chain over the audit log, one row per batch. Never changed.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::audit_seals;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct AuditSeal {
    /// 1, 2, 3 …
    pub number: i64,
    /// Of the entries in it; what was committed late may lie between those of another seal.
    pub first_id: String,
    pub last_id: String,
    pub count: i64,
    /// SHA-256 over the hash before it and its entries.
    pub hash: Vec<u8>,
    pub sealed_at: Timestamp,
}

/// The newest.
pub fn last(conn: &mut DbConnection) -> QueryResult<Option<AuditSeal>> {
    audit_seals::table.order(audit_seals::number.desc()).first(conn).optional()
}

/// In the order of the chain, from the one after `after`.
pub fn list_after(conn: &mut DbConnection, after: i64, limit: i64) -> QueryResult<Vec<AuditSeal>> {
    audit_seals::table.filter(audit_seals::number.gt(after)).order(audit_seals::number).limit(limit).load(conn)
}

/// Adds a seal; `false` when another node was quicker with this number.
pub fn claim(conn: &mut DbConnection, row: &AuditSeal) -> QueryResult<bool> {
    each!(conn, |c| diesel::insert_into(audit_seals::table).values(row).on_conflict_do_nothing().execute(c))
        .map(|n| n == 1)
}
