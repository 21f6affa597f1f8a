//! Identity checks of demo mode: what a tester plays instead of a document and a camera.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::sandbox_identity_sessions as sessions;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SandboxIdentitySession {
    pub id: String,
    /// What the portal calls it; one session each.
    pub reference: String,
    pub return_url: String,
    /// `verified`, `requires_input` or `canceled`; `None` until the tester has chosen.
    pub outcome: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// When the outcome shows.
    pub ready_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// Makes a session, or finds the one of the same reference.
pub fn find_or_insert(conn: &mut DbConnection, row: &SandboxIdentitySession) -> QueryResult<SandboxIdentitySession> {
    each!(conn, |c| diesel::insert_into(sessions::table).values(row).on_conflict_do_nothing().execute(c))?;
    sessions::table.filter(sessions::reference.eq(&row.reference)).first(conn)
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<SandboxIdentitySession>> {
    sessions::table.find(id).first(conn).optional()
}

/// The newest, for the page of the sandbox.
pub fn list_newest(conn: &mut DbConnection, limit: i64) -> QueryResult<Vec<SandboxIdentitySession>> {
    sessions::table.order(sessions::id.desc()).limit(limit).load(conn)
}

/// What a tester chose.
pub struct Played<'a> {
    pub outcome: &'a str,
    pub first_name: Option<&'a str>,
    pub last_name: Option<&'a str>,
    pub ready_at: Timestamp,
}

/// Sets the outcome; `false` for a session that is unknown, verified or canceled already.
pub fn play(conn: &mut DbConnection, id: &str, played: &Played, now: Timestamp) -> QueryResult<bool> {
    let over = ["verified", "canceled"];
    diesel::update(
        sessions::table
            .find(id)
            .filter(sessions::outcome.is_null().or(sessions::outcome.ne_all(over)).or(sessions::ready_at.gt(now))),
    )
    .set((
        sessions::outcome.eq(played.outcome),
        sessions::first_name.eq(played.first_name),
        sessions::last_name.eq(played.last_name),
        sessions::ready_at.eq(played.ready_at),
    ))
    .execute(conn)
    .map(|n| n == 1)
}

/// Erases the names.
pub fn redact(conn: &mut DbConnection, id: &str) -> QueryResult<usize> {
    diesel::update(sessions::table.find(id))
        .set((sessions::first_name.eq(None::<String>), sessions::last_name.eq(None::<String>)))
        .execute(conn)
}
