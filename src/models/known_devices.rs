//! Browsers somebody has fully signed in from: they keep a bucket of tries of their own, so that
//! a stranger's wrong passwords do not keep the owner out (ASVS 6.3.1).

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::known_devices;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct KnownDevice {
    pub id: String,
    pub device_hash: Vec<u8>,
    pub user_id: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
}

pub fn exists(conn: &mut DbConnection, device_hash: &[u8], user_id: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        known_devices::table
            .filter(known_devices::device_hash.eq(device_hash))
            .filter(known_devices::user_id.eq(user_id)),
    ))
    .get_result(conn)
}

/// Whether somebody has any known device at all.
pub fn any(conn: &mut DbConnection, user_id: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(known_devices::table.filter(known_devices::user_id.eq(user_id))))
        .get_result(conn)
}

/// Notes a full sign-in from this browser.
pub fn upsert(conn: &mut DbConnection, row: &KnownDevice) -> QueryResult<()> {
    each!(conn, |c| diesel::insert_into(known_devices::table)
        .values(row)
        .on_conflict((known_devices::device_hash, known_devices::user_id))
        .do_update()
        .set(known_devices::last_used_at.eq(row.last_used_at))
        .execute(c))
    .map(|_| ())
}

/// Forgets devices not used since `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(known_devices::table.filter(known_devices::last_used_at.lt(before))).execute(conn)
}
