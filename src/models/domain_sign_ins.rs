//! Domain sign-ins under way: from **LOGIN** to the provider's answer, and to the proof that an account is
//! one's own. A secret in a cookie, its SHA-256 here.

use diesel::prelude::*;

use super::{DomainState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::domain_sign_ins;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = domain_sign_ins)]
pub struct DomainSignIn {
    pub id: String,
    pub token_hash: Vec<u8>,
    pub state: DomainState,
    pub return_to: Option<String>,
    /// The session that is confirmed by it, where it is no sign-in.
    pub session_id: Option<String>,
    pub issuer: String,
    /// Whom the provider named, once it has answered.
    pub subject: Option<String>,
    /// The account that this person has to show to be theirs, or has.
    pub user_id: Option<String>,
    /// When the provider proved a second factor, if it did.
    pub second_factor_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &DomainSignIn) -> QueryResult<()> {
    diesel::insert_into(domain_sign_ins::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<DomainSignIn>> {
    domain_sign_ins::table.find(id).first(conn).optional()
}

/// The live one of a cookie.
pub fn find_by_token(conn: &mut DbConnection, token_hash: &[u8], now: Timestamp) -> QueryResult<Option<DomainSignIn>> {
    domain_sign_ins::table
        .filter(domain_sign_ins::token_hash.eq(token_hash))
        .filter(domain_sign_ins::expires_at.gt(now))
        .first(conn)
        .optional()
}

/// Moves one from a state to the next; `true` for the one caller who did. ASVS 10.1.2.
pub fn advance(conn: &mut DbConnection, id: &str, from: DomainState, to: DomainState) -> QueryResult<bool> {
    diesel::update(domain_sign_ins::table.find(id).filter(domain_sign_ins::state.eq(from)))
        .set(domain_sign_ins::state.eq(to))
        .execute(conn)
        .map(|n| n == 1)
}

/// What the provider's answer came to.
pub struct Answered<'a> {
    pub state: DomainState,
    pub subject: &'a str,
    pub user_id: &'a str,
    pub second_factor_at: Option<Timestamp>,
}

/// Notes whom the provider named, and which account that is or has to be shown to be.
pub fn answered(conn: &mut DbConnection, id: &str, answered: &Answered, expires_at: Timestamp) -> QueryResult<bool> {
    diesel::update(domain_sign_ins::table.find(id).filter(domain_sign_ins::state.eq(DomainState::Claimed)))
        .set((
            domain_sign_ins::state.eq(answered.state),
            domain_sign_ins::subject.eq(answered.subject),
            domain_sign_ins::user_id.eq(answered.user_id),
            domain_sign_ins::second_factor_at.eq(answered.second_factor_at),
            domain_sign_ins::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Removes what has ended by itself.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(domain_sign_ins::table.filter(domain_sign_ins::expires_at.lt(before))).execute(conn)
}

/// Removes everybody's.
pub fn delete_everything(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::delete(domain_sign_ins::table).execute(conn)
}
