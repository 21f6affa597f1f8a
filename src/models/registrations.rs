//! Registrations under way: what was typed, and how far it has come. Username and address are not
//! reserved by a row. One with a user is for somebody invited, or after **Create**.

use diesel::prelude::*;

use super::{FactorKind, QueryResult};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::registrations;

#[derive(Clone, Debug, Queryable, Insertable, AsChangeset)]
#[diesel(treat_none_as_null = true)]
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

/// Registrations without an account that want this username, newest first.
pub fn list_started(conn: &mut DbConnection, username_lower: &str, limit: i64) -> QueryResult<Vec<Registration>> {
    registrations::table
        .filter(registrations::username_lower.eq(username_lower))
        .filter(registrations::user_id.is_null())
        .order((registrations::created_at.desc(), registrations::id.desc()))
        .limit(limit)
        .load(conn)
}

/// Writes what a step has changed.
pub fn save(conn: &mut DbConnection, row: &Registration) -> QueryResult<bool> {
    each!(conn, |c| diesel::update(registrations::table.find(&row.id)).set(row).execute(c)).map(|n| n == 1)
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
