//! Secrets in e-mailed URLs: the SHA-256 is kept, the newest of a purpose counts, POST uses it up.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::links;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Link {
    pub id: String,
    pub purpose: String,
    pub user_id: Option<String>,
    pub subject_id: Option<String>,
    pub token_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub replaced_at: Option<Timestamp>,
}

pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(links::table.filter(links::expires_at.lt(before))).execute(conn)
}
