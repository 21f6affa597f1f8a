//! Registrations under way: what was typed, and how far it has come. Username and address are not
//! reserved by a row. One with a user is for somebody invited, or after **Create**.

use diesel::prelude::*;

use super::{FactorKind, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::models::users::fold;
use crate::schema::registrations;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Registration {
    pub id: String,
    pub organization_id: String,
    pub registration_code_id: Option<String>,
    pub username: String,
    pub username_lower: String,
    /// Where links go.
    pub email: String,
    pub email_lower: String,
    pub first_name: String,
    pub last_name: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub zip_code: String,
    pub phone: String,
    pub fax: String,
    pub created_at: Timestamp,
    pub last_step_at: Timestamp,
    /// PHONE, EMAIL or AUTHENTICATOR APP, once chosen.
    pub method: Option<FactorKind>,
    /// The address proven last: the sign-in name to be.
    pub verified_email: Option<String>,
    pub user_id: Option<String>,
}

pub fn insert(conn: &mut DbConnection, row: &Registration) -> QueryResult<()> {
    diesel::insert_into(registrations::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Registration>> {
    registrations::table.find(id).first(conn).optional()
}

pub fn find_by_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<Option<Registration>> {
    registrations::table
        .filter(registrations::user_id.eq(user_id))
        .order((registrations::created_at.desc(), registrations::id.desc()))
        .first(conn)
        .optional()
}

/// Registrations without an account that want this username, begun after `since`, newest first.
pub fn list_started(
    conn: &mut DbConnection,
    username_lower: &str,
    since: Timestamp,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    registrations::table
        .filter(registrations::created_at.gt(since))
        .filter(registrations::username_lower.eq(username_lower))
        .filter(registrations::user_id.is_null())
        .order((registrations::created_at.desc(), registrations::id.desc()))
        .limit(limit)
        .load(conn)
}

/// PHONE, EMAIL or AUTHENTICATOR APP. Each step writes what it is about and nothing else, so that two
/// at once undo nothing of each other.
pub fn choose(conn: &mut DbConnection, id: &str, method: FactorKind, now: Timestamp) -> QueryResult<bool> {
    diesel::update(registrations::table.find(id))
        .set((registrations::method.eq(method), registrations::last_step_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

/// The address that was proven last, or that none is any more.
pub fn set_verified(conn: &mut DbConnection, id: &str, email: Option<&str>, now: Timestamp) -> QueryResult<bool> {
    diesel::update(registrations::table.find(id))
        .set((registrations::verified_email.eq(email), registrations::last_step_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

pub fn rename(conn: &mut DbConnection, id: &str, username: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(registrations::table.find(id))
        .set((
            registrations::username.eq(username),
            registrations::username_lower.eq(fold(username)),
            registrations::last_step_at.eq(now),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// The account that was made of it.
pub fn bind(conn: &mut DbConnection, id: &str, user_id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(registrations::table.find(id))
        .set((registrations::user_id.eq(user_id), registrations::last_step_at.eq(now)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Counts its age from `at` on.
pub fn keep_from(conn: &mut DbConnection, id: &str, at: Timestamp) -> QueryResult<usize> {
    diesel::update(registrations::table.find(id)).set(registrations::created_at.eq(at)).execute(conn)
}

pub fn delete(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::delete(registrations::table.find(id)).execute(conn).map(|n| n == 1)
}

pub fn delete_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(registrations::table.filter(registrations::user_id.eq(user_id))).execute(conn)
}

/// Removes registrations begun before `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(registrations::table.filter(registrations::created_at.lt(before))).execute(conn)
}
