//! What Remember Me leaves behind: a selector to find it, the SHA-256 of a verifier that changes
//! at each use.

use diesel::prelude::*;

use super::{FactorKind, LoginOption, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{remembered_browsers, users};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct RememberedBrowser {
    pub id: String,
    pub selector: String,
    pub user_id: String,
    pub login_option: LoginOption,
    pub verifier_hash: Vec<u8>,
    /// The verifier before the last rotation, good for a few seconds more.
    pub previous_hash: Option<Vec<u8>>,
    pub rotated_at: Timestamp,
    pub mfa_epoch: i64,
    /// `None` where nothing but a password was asked.
    pub proof_kind: Option<FactorKind>,
    pub user_agent: String,
    pub created_at: Timestamp,
    /// Absolute; use does not move it.
    pub expires_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &RememberedBrowser) -> QueryResult<()> {
    diesel::insert_into(remembered_browsers::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<RememberedBrowser>> {
    remembered_browsers::table.find(id).first(conn).optional()
}

pub fn list_by_selectors(conn: &mut DbConnection, selectors: &[String]) -> QueryResult<Vec<RememberedBrowser>> {
    remembered_browsers::table
        .filter(remembered_browsers::selector.eq_any(selectors.to_vec()))
        .order(remembered_browsers::id)
        .limit(100)
        .load(conn)
}

pub fn list(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<Vec<RememberedBrowser>> {
    remembered_browsers::table
        .filter(remembered_browsers::user_id.eq(user_id))
        .filter(remembered_browsers::expires_at.gt(now))
        .order(remembered_browsers::id)
        .limit(100)
        .load(conn)
}

/// Replaces the verifier; `true` for the one caller who came with the present one.
pub fn rotate(conn: &mut DbConnection, id: &str, old: &[u8], new: &[u8], now: Timestamp) -> QueryResult<bool> {
    diesel::update(remembered_browsers::table.find(id).filter(remembered_browsers::verifier_hash.eq(old)))
        .set((
            remembered_browsers::verifier_hash.eq(new),
            remembered_browsers::previous_hash.eq(old),
            remembered_browsers::rotated_at.eq(now),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

pub fn delete(conn: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    diesel::delete(remembered_browsers::table.filter(remembered_browsers::id.eq_any(ids.to_vec()))).execute(conn)
}

pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(remembered_browsers::table.filter(remembered_browsers::user_id.eq(user_id))).execute(conn)
}

/// Forgets somebody in every browser but those entries.
pub fn delete_others(conn: &mut DbConnection, user_id: &str, keep: &[String]) -> QueryResult<usize> {
    diesel::delete(
        remembered_browsers::table
            .filter(remembered_browsers::user_id.eq(user_id))
            .filter(remembered_browsers::id.ne_all(keep.to_vec())),
    )
    .execute(conn)
}

/// Forgets what was remembered on the password alone.
pub fn delete_without_proof(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(
        remembered_browsers::table
            .filter(remembered_browsers::user_id.eq(user_id))
            .filter(remembered_browsers::proof_kind.is_null()),
    )
    .execute(conn)
}

pub fn purge(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(remembered_browsers::table.filter(remembered_browsers::expires_at.lt(now))).execute(conn)
}

/// Forgets everybody whose account an organization manages.
pub fn delete_of_managed(conn: &mut DbConnection, organization_id: &str) -> QueryResult<usize> {
    let managed = users::table.filter(users::managing_organization_id.eq(organization_id)).select(users::id);
    diesel::delete(remembered_browsers::table.filter(remembered_browsers::user_id.eq_any(managed))).execute(conn)
}

/// Forgets everybody.
pub fn delete_everything(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::delete(remembered_browsers::table).execute(conn)
}
