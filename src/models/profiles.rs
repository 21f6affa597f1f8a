//! Postal address, contact phone and fax of people.

use diesel::prelude::*;

use super::QueryResult;
use crate::db::DbConnection;
use crate::schema::profiles;

#[derive(Clone, Debug, Default, Queryable, Insertable, AsChangeset)]
pub struct Profile {
    pub user_id: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub zip_code: String,
    pub phone: String,
    pub fax: String,
}

pub fn insert(conn: &mut DbConnection, row: &Profile) -> QueryResult<()> {
    diesel::insert_into(profiles::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, user_id: &str) -> QueryResult<Option<Profile>> {
    profiles::table.find(user_id).first(conn).optional()
}

/// Writes a profile over the one there is, or as the first.
pub fn save(conn: &mut DbConnection, row: &Profile) -> QueryResult<()> {
    let changed = diesel::update(profiles::table.find(&row.user_id)).set(row).execute(conn)?;
    if changed == 0 { insert(conn, row) } else { Ok(()) }
}
