//! Wrong second-step codes in a row, per person and factor kind, over all sessions and codes.

use diesel::prelude::*;

use super::{FactorKind, QueryResult};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::second_step_pauses;

#[derive(Clone, Debug, Queryable, Insertable, AsChangeset)]
#[diesel(primary_key(user_id, kind), treat_none_as_null = true)]
pub struct SecondStepPause {
    pub user_id: String,
    pub kind: FactorKind,
    pub failed_in_row: i64,
    pub paused_until: Option<Timestamp>,
    pub updated_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &SecondStepPause) -> QueryResult<()> {
    diesel::insert_into(second_step_pauses::table).values(row).execute(conn).map(|_| ())
}

pub fn list(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<SecondStepPause>> {
    each!(conn, |c| second_step_pauses::table.filter(second_step_pauses::user_id.eq(user_id)).load(c))
}

pub fn list_of_users(conn: &mut DbConnection, user_ids: &[String]) -> QueryResult<Vec<SecondStepPause>> {
    second_step_pauses::table.filter(second_step_pauses::user_id.eq_any(user_ids.to_vec())).limit(1_000).load(conn)
}

/// The counter of a kind, made if need be and locked until the transaction ends.
pub fn lock(conn: &mut DbConnection, user_id: &str, kind: FactorKind, now: Timestamp) -> QueryResult<SecondStepPause> {
    let new =
        SecondStepPause { user_id: user_id.to_owned(), kind, failed_in_row: 0, paused_until: None, updated_at: now };
    match conn {
        DbConnection::Sqlite(c) => {
            let found = second_step_pauses::table.find((user_id, kind)).first(c).optional()?;
            if let Some(row) = found {
                return Ok(row);
            }
            diesel::insert_into(second_step_pauses::table).values(&new).execute(c)?;
            Ok(new)
        }
        DbConnection::Pg(c) => {
            // Rows are never taken away while their user is there, so the second query finds one.
            diesel::insert_into(second_step_pauses::table).values(&new).on_conflict_do_nothing().execute(c)?;
            second_step_pauses::table.find((user_id, kind)).for_update().first(c)
        }
    }
}

pub fn save(conn: &mut DbConnection, row: &SecondStepPause) -> QueryResult<()> {
    diesel::update(second_step_pauses::table.find((&row.user_id, row.kind)))
        .set((
            second_step_pauses::failed_in_row.eq(row.failed_in_row),
            second_step_pauses::paused_until.eq(row.paused_until),
            second_step_pauses::updated_at.eq(row.updated_at),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Forgets the failures of a kind after a good code. The row stays, so that nobody who waits for it
/// finds it gone.
pub fn clear(conn: &mut DbConnection, user_id: &str, kind: FactorKind) -> QueryResult<usize> {
    diesel::update(second_step_pauses::table.find((user_id, kind)))
        .set((second_step_pauses::failed_in_row.eq(0), second_step_pauses::paused_until.eq(None::<Timestamp>)))
        .execute(conn)
}

/// Lifts every pause of somebody, and ends the rows of failures; how many there were.
pub fn clear_all(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    let of_user = second_step_pauses::table.filter(second_step_pauses::user_id.eq(user_id));
    diesel::update(
        of_user.filter(second_step_pauses::paused_until.is_not_null().or(second_step_pauses::failed_in_row.gt(0))),
    )
    .set((second_step_pauses::failed_in_row.eq(0), second_step_pauses::paused_until.eq(None::<Timestamp>)))
    .execute(conn)
}

/// Lifts pauses that began in the future: demo mode's clock was set back.
pub fn forget_future(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::update(second_step_pauses::table.filter(second_step_pauses::updated_at.gt(now)))
        .set((second_step_pauses::paused_until.eq(None::<Timestamp>), second_step_pauses::updated_at.eq(now)))
        .execute(conn)
}
