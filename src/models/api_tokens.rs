//! Bearer tokens for the API, by their SHA-256.

use diesel::prelude::*;

use super::{ApiScope, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::api_tokens;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = api_tokens)]
pub struct ApiToken {
    pub id: String,
    pub token_hash: Vec<u8>,
    /// The beginning, by which its owner knows it again.
    pub prefix: String,
    pub name: String,
    pub user_id: String,
    pub organization_id: String,
    /// The session it ends with; none for tokens that somebody keeps.
    pub session_id: Option<String>,
    /// With commas between.
    pub scopes: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    pub fn scopes(&self) -> Vec<ApiScope> {
        self.scopes.split(',').filter_map(ApiScope::parse).collect()
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

pub fn insert(conn: &mut DbConnection, row: &ApiToken) -> QueryResult<()> {
    diesel::insert_into(api_tokens::table).values(row).execute(conn).map(|_| ())
}

pub fn find_by_hash(conn: &mut DbConnection, hash: &[u8]) -> QueryResult<Option<ApiToken>> {
    api_tokens::table.filter(api_tokens::token_hash.eq(hash)).first(conn).optional()
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<ApiToken>> {
    api_tokens::table.find(id).first(conn).optional()
}

/// The tokens an organization's people keep, newest first, from the one before `before`.
pub fn list(
    conn: &mut DbConnection,
    organization_id: &str,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<ApiToken>> {
    let mut query = api_tokens::table
        .filter(api_tokens::organization_id.eq(organization_id.to_owned()))
        .filter(api_tokens::session_id.is_null())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(api_tokens::id.lt(before.to_owned()));
    }
    query.order(api_tokens::id.desc()).limit(limit).load(conn)
}

/// The names of the live ones that somebody keeps in an organization.
pub fn live_names(
    conn: &mut DbConnection,
    user_id: &str,
    organization_id: &str,
    now: Timestamp,
) -> QueryResult<Vec<String>> {
    api_tokens::table
        .filter(api_tokens::user_id.eq(user_id))
        .filter(api_tokens::organization_id.eq(organization_id))
        .filter(api_tokens::session_id.is_null())
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(now))
        .select(api_tokens::name)
        .load(conn)
}

pub fn used(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(api_tokens::table.find(id)).set(api_tokens::last_used_at.eq(now)).execute(conn)
}

/// Ends a token; `true` for the one caller who did it.
pub fn revoke(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(api_tokens::table.find(id).filter(api_tokens::revoked_at.is_null()))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Ends every token somebody keeps, in whatever organization; how many there were.
pub fn revoke_of_user(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(api_tokens::table.filter(api_tokens::user_id.eq(user_id)).filter(api_tokens::revoked_at.is_null()))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
}

/// Ends every token somebody keeps in one organization; how many there were.
pub fn revoke_in_organization(
    conn: &mut DbConnection,
    user_id: &str,
    organization_id: &str,
    now: Timestamp,
) -> QueryResult<usize> {
    let theirs = api_tokens::user_id.eq(user_id).and(api_tokens::organization_id.eq(organization_id));
    diesel::update(api_tokens::table.filter(theirs).filter(api_tokens::revoked_at.is_null()))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
}

/// Ends every token of an organization, whoever keeps it; how many there were.
pub fn revoke_of_organization(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> QueryResult<usize> {
    let of_it = api_tokens::organization_id.eq(organization_id);
    diesel::update(api_tokens::table.filter(of_it).filter(api_tokens::revoked_at.is_null()))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
}

/// Removes what ended before `before`, and those of sessions as soon as they have ended.
pub fn purge(conn: &mut DbConnection, now: Timestamp, before: Timestamp) -> QueryResult<usize> {
    let of_session = api_tokens::session_id.is_not_null().and(api_tokens::expires_at.lt(now));
    diesel::delete(api_tokens::table.filter(api_tokens::expires_at.lt(before).or(of_session))).execute(conn)
}

/// Ends everybody's.
pub fn revoke_everything(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::update(api_tokens::table.filter(api_tokens::revoked_at.is_null()).filter(api_tokens::expires_at.gt(now)))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
}
