//! Notices to people, read in Message Center.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::messages;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Message {
    pub id: String,
    pub user_id: String,
    pub subject: String,
    pub body: String,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

pub fn insert(conn: &mut DbConnection, row: &Message) -> QueryResult<()> {
    diesel::insert_into(messages::table).values(row).execute(conn).map(|_| ())
}

pub fn count_unread(conn: &mut DbConnection, user_id: &str) -> QueryResult<i64> {
    let query = messages::table.filter(messages::user_id.eq(user_id)).filter(messages::read_at.is_null()).count();
    each!(conn, |c| query.get_result(c))
}

/// Newest first, older than `before` (an id) when given.
pub fn list(conn: &mut DbConnection, user_id: &str, before: Option<&str>, limit: i64) -> QueryResult<Vec<Message>> {
    let mut query = messages::table.filter(messages::user_id.eq(user_id.to_owned())).into_boxed();
    if let Some(before) = before {
        query = query.filter(messages::id.lt(before.to_owned()));
    }
    query.order(messages::id.desc()).limit(limit).load(conn)
}

pub fn find_of(conn: &mut DbConnection, user_id: &str, id: &str) -> QueryResult<Option<Message>> {
    messages::table.find(id).filter(messages::user_id.eq(user_id)).first(conn).optional()
}

/// Marks everything of somebody as read.
pub fn read_all(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(messages::table.filter(messages::user_id.eq(user_id)).filter(messages::read_at.is_null()))
        .set(messages::read_at.eq(now))
        .execute(conn)
}

/// Marks a message as read; `false` when it is somebody else's, gone or read already.
pub fn read(conn: &mut DbConnection, user_id: &str, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(messages::table.find(id).filter(messages::user_id.eq(user_id)).filter(messages::read_at.is_null()))
        .set(messages::read_at.eq(now))
        .execute(conn)
        .map(|n| n == 1)
}
