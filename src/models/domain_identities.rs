//! Who people are at the provider of domain accounts: issuer and subject, never an address. ASVS 6.8.1.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::domain_identities;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = domain_identities)]
pub struct DomainIdentity {
    pub id: String,
    pub user_id: String,
    pub issuer: String,
    pub subject: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When the provider last proved a second factor; `None` when it did not the last time.
    pub second_factor_at: Option<Timestamp>,
}

/// A unique violation when this person or this account is linked already.
pub fn insert(conn: &mut DbConnection, row: &DomainIdentity) -> QueryResult<()> {
    diesel::insert_into(domain_identities::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, issuer: &str, subject: &str) -> QueryResult<Option<DomainIdentity>> {
    domain_identities::table
        .filter(domain_identities::issuer.eq(issuer))
        .filter(domain_identities::subject.eq(subject))
        .first(conn)
        .optional()
}

pub fn list_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<DomainIdentity>> {
    domain_identities::table
        .filter(domain_identities::user_id.eq(user_id))
        .order(domain_identities::id)
        .limit(50)
        .load(conn)
}

/// Notes a use, and whether the provider proved a second factor in it.
pub fn used(
    conn: &mut DbConnection,
    id: &str,
    second_factor_at: Option<Timestamp>,
    now: Timestamp,
) -> QueryResult<usize> {
    diesel::update(domain_identities::table.find(id))
        .set((domain_identities::last_used_at.eq(now), domain_identities::second_factor_at.eq(second_factor_at)))
        .execute(conn)
}

/// Whether the provider proved a second factor when each of these people last came by it; the ids of those.
pub fn second_factor_of(conn: &mut DbConnection, user_ids: &[String]) -> QueryResult<Vec<String>> {
    domain_identities::table
        .filter(domain_identities::user_id.eq_any(user_ids.to_vec()))
        .filter(domain_identities::second_factor_at.is_not_null())
        .select(domain_identities::user_id)
        .load(conn)
}

/// The same of one person. Not `eq_any`: a list of any length is prepared anew each time.
pub fn has_second_factor(conn: &mut DbConnection, user_id: &str) -> QueryResult<bool> {
    let query = domain_identities::table
        .filter(domain_identities::user_id.eq(user_id))
        .filter(domain_identities::second_factor_at.is_not_null())
        .select(domain_identities::id)
        .limit(1);
    let found: Option<String> = each!(conn, |c| query.first(c)).optional()?;
    Ok(found.is_some())
}

/// One of somebody's own; `true` for the one caller who took it away.
pub fn delete_of(conn: &mut DbConnection, user_id: &str, id: &str) -> QueryResult<bool> {
    diesel::delete(domain_identities::table.find(id).filter(domain_identities::user_id.eq(user_id)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Those that were connected since a moment.
pub fn delete_since(conn: &mut DbConnection, user_id: &str, since: Timestamp) -> QueryResult<usize> {
    diesel::delete(
        domain_identities::table
            .filter(domain_identities::user_id.eq(user_id))
            .filter(domain_identities::created_at.ge(since)),
    )
    .execute(conn)
}

pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(domain_identities::table.filter(domain_identities::user_id.eq(user_id))).execute(conn)
}
