//! Recovery codes: 120 random bits each, so SHA-256 is enough (ASVS 6.5.2).

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::recovery_codes;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct RecoveryCode {
    pub id: String,
    pub user_id: String,
    pub code_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

pub fn insert(conn: &mut DbConnection, row: &RecoveryCode) -> QueryResult<()> {
    diesel::insert_into(recovery_codes::table).values(row).execute(conn).map(|_| ())
}

/// How many are left unused.
pub fn count_unused(conn: &mut DbConnection, user_id: &str) -> QueryResult<i64> {
    let query = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user_id))
        .filter(recovery_codes::used_at.is_null())
        .count();
    each!(conn, |c| query.get_result(c))
}

/// How many are left unused, for each of these people who has any.
pub fn count_unused_of_users(conn: &mut DbConnection, user_ids: &[String]) -> QueryResult<Vec<(String, i64)>> {
    recovery_codes::table
        .filter(recovery_codes::user_id.eq_any(user_ids.to_vec()))
        .filter(recovery_codes::used_at.is_null())
        .group_by(recovery_codes::user_id)
        .select((recovery_codes::user_id, diesel::dsl::count_star()))
        .load(conn)
}

/// How many were made, used ones too.
pub fn count(conn: &mut DbConnection, user_id: &str) -> QueryResult<i64> {
    let query = recovery_codes::table.filter(recovery_codes::user_id.eq(user_id)).count();
    each!(conn, |c| query.get_result(c))
}

/// The newest code of the present set, which no other set has: its id, and when it was made.
pub fn newest(conn: &mut DbConnection, user_id: &str) -> QueryResult<Option<(String, Timestamp)>> {
    recovery_codes::table
        .filter(recovery_codes::user_id.eq(user_id))
        .order(recovery_codes::id.desc())
        .select((recovery_codes::id, recovery_codes::created_at))
        .first(conn)
        .optional()
}

/// Whether a code of somebody's, used or not, has this hash.
pub fn exists(conn: &mut DbConnection, user_id: &str, code_hash: &[u8]) -> QueryResult<bool> {
    let of_user = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user_id))
        .filter(recovery_codes::code_hash.eq(code_hash));
    of_user.count().get_result::<i64>(conn).map(|n| n > 0)
}

/// Removes the whole set, used ones too.
pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user_id))).execute(conn)
}

/// Uses a code up; `true` for the one caller who did. ASVS 6.5.1.
pub fn consume(conn: &mut DbConnection, user_id: &str, code_hash: &[u8], now: Timestamp) -> QueryResult<bool> {
    diesel::update(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(user_id))
            .filter(recovery_codes::code_hash.eq(code_hash))
            .filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute(conn)
    .map(|n| n == 1)
}
