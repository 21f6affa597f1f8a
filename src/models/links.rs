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

pub fn insert(conn: &mut DbConnection, row: &Link) -> QueryResult<()> {
    diesel::insert_into(links::table).values(row).execute(conn).map(|_| ())
}

pub fn find_by_token(conn: &mut DbConnection, purpose: &str, token_hash: &[u8]) -> QueryResult<Option<Link>> {
    links::table.filter(links::token_hash.eq(token_hash)).filter(links::purpose.eq(purpose)).first(conn).optional()
}

/// A new link kills the older ones of its purpose and owner.
pub fn replace_all(
    conn: &mut DbConnection,
    purpose: &str,
    user_id: Option<&str>,
    subject_id: Option<&str>,
    now: Timestamp,
) -> QueryResult<usize> {
    let open = links::table.filter(links::purpose.eq(purpose)).filter(links::replaced_at.is_null());
    match (user_id, subject_id) {
        (Some(id), _) => {
            diesel::update(open.filter(links::user_id.eq(id))).set(links::replaced_at.eq(now)).execute(conn)
        }
        (None, Some(id)) => {
            diesel::update(open.filter(links::subject_id.eq(id))).set(links::replaced_at.eq(now)).execute(conn)
        }
        (None, None) => Ok(0),
    }
}

/// Ends every open link of somebody, whatever it is for.
pub fn replace_all_of_user(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(links::table.filter(links::user_id.eq(user_id)).filter(links::replaced_at.is_null()))
        .set(links::replaced_at.eq(now))
        .execute(conn)
}

/// Uses a link up; `true` for the one caller who did. ASVS 6.5.1.
pub fn consume(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(
        links::table
            .find(id)
            .filter(links::used_at.is_null())
            .filter(links::replaced_at.is_null())
            .filter(links::expires_at.gt(now)),
    )
    .set(links::used_at.eq(now))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// A link by its secret alone, whatever it is for.
pub fn find_by_hash(conn: &mut DbConnection, token_hash: &[u8]) -> QueryResult<Option<Link>> {
    links::table.filter(links::token_hash.eq(token_hash)).first(conn).optional()
}

/// Uses a link up whose life was measured when it was opened; `true` for the one caller who did.
pub fn consume_opened(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(links::table.find(id).filter(links::used_at.is_null()).filter(links::replaced_at.is_null()))
        .set(links::used_at.eq(now))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Makes a link one for something else.
pub fn set_purpose(conn: &mut DbConnection, id: &str, purpose: &str) -> QueryResult<()> {
    diesel::update(links::table.find(id)).set(links::purpose.eq(purpose)).execute(conn).map(|_| ())
}

/// The link made last, whatever became of it.
pub fn newest_of_subject(conn: &mut DbConnection, subject_id: &str) -> QueryResult<Option<Link>> {
    links::table
        .filter(links::subject_id.eq(subject_id))
        .order((links::created_at.desc(), links::id.desc()))
        .first(conn)
        .optional()
}

/// Removes every link of a subject.
pub fn delete_of_subject(conn: &mut DbConnection, subject_id: &str) -> QueryResult<usize> {
    diesel::delete(links::table.filter(links::subject_id.eq(subject_id))).execute(conn)
}

/// Removes links that ended before `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(links::table.filter(links::expires_at.lt(before))).execute(conn)
}

/// The newest link of a purpose for something.
pub fn newest(conn: &mut DbConnection, purpose: &str, subject_id: &str) -> QueryResult<Option<Link>> {
    links::table
        .filter(links::subject_id.eq(subject_id))
        .filter(links::purpose.eq(purpose))
        .order(links::created_at.desc())
        .first(conn)
        .optional()
}

/// Ends every open link but those of one purpose; also one past its end, which may have been opened in time.
pub fn replace_everything_but(conn: &mut DbConnection, purpose: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(
        links::table
            .filter(links::purpose.ne(purpose))
            .filter(links::used_at.is_null())
            .filter(links::replaced_at.is_null()),
    )
    .set(links::replaced_at.eq(now))
    .execute(conn)
}
