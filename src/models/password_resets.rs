//! Forgotten passwords up to the right code: a secret in a cookie, its SHA-256 here. From there on a
//! session carries them.

use diesel::prelude::*;

use super::{QueryResult, ResetState};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::password_resets;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct PasswordReset {
    pub id: String,
    pub token_hash: Vec<u8>,
    /// `None` where nobody can get a new password this way; no code is ever right then.
    pub user_id: Option<String>,
    /// As it was typed.
    pub email: String,
    pub state: ResetState,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &PasswordReset) -> QueryResult<()> {
    diesel::insert_into(password_resets::table).values(row).execute(conn).map(|_| ())
}

pub fn find_by_token(conn: &mut DbConnection, token_hash: &[u8], now: Timestamp) -> QueryResult<Option<PasswordReset>> {
    password_resets::table
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::expires_at.gt(now))
        .first(conn)
        .optional()
}

/// Notes that the code was right; `true` for the one caller who did.
pub fn verify(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(password_resets::table.find(id).filter(password_resets::state.eq(ResetState::Sent)))
        .set(password_resets::state.eq(ResetState::Verified))
        .execute(conn)
        .map(|n| n == 1)
}

/// Whether its code was right already.
pub fn is_verified(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let verified = password_resets::table.find(id).filter(password_resets::state.eq(ResetState::Verified));
    diesel::select(diesel::dsl::exists(verified)).get_result(conn)
}

/// Uses one up whose code was right; `true` for the one caller who did.
pub fn consume(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::delete(
        password_resets::table
            .find(id)
            .filter(password_resets::state.eq(ResetState::Verified))
            .filter(password_resets::expires_at.gt(now)),
    )
    .execute(conn)
    .map(|n| n == 1)
}

pub fn delete(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::delete(password_resets::table.find(id)).execute(conn).map(|n| n == 1)
}

pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(password_resets::table.filter(password_resets::user_id.eq(user_id))).execute(conn)
}

/// Removes what has ended by itself.
pub fn purge(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(now))).execute(conn)
}

/// Removes everybody's.
pub fn delete_everything(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::delete(password_resets::table).execute(conn)
}
