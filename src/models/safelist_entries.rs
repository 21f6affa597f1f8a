//! **IP Safelist**: the addresses and ranges an organization may be entered from.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::safelist_entries;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = safelist_entries)]
pub struct SafelistEntry {
    pub id: String,
    pub organization_id: String,
    pub cidr: String,
    pub label: String,
    pub created_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &SafelistEntry) -> QueryResult<()> {
    diesel::insert_into(safelist_entries::table).values(row).execute(conn).map(|_| ())
}

/// The entries of an organization, oldest first.
pub fn list(conn: &mut DbConnection, organization_id: &str) -> QueryResult<Vec<SafelistEntry>> {
    safelist_entries::table
        .filter(safelist_entries::organization_id.eq(organization_id))
        .order(safelist_entries::id)
        .limit(1_000)
        .load(conn)
}

/// The ranges alone; empty means from anywhere.
pub fn ranges(conn: &mut DbConnection, organization_id: &str) -> QueryResult<Vec<String>> {
    let query = safelist_entries::table
        .filter(safelist_entries::organization_id.eq(organization_id))
        .order(safelist_entries::id)
        .select(safelist_entries::cidr)
        .limit(1_000);
    each!(conn, |c| query.load(c))
}

/// Takes an entry off the list; `false` when it is gone already.
pub fn delete(conn: &mut DbConnection, organization_id: &str, id: &str) -> QueryResult<bool> {
    diesel::delete(safelist_entries::table.find(id).filter(safelist_entries::organization_id.eq(organization_id)))
        .execute(conn)
        .map(|rows| rows == 1)
}
