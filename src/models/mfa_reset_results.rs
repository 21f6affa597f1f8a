//! Whom a reset is for, and what became of each.

use diesel::prelude::*;

use super::{QueryResult, ResetOutcome};
use crate::db::{DbConnection, each};
use crate::schema::mfa_reset_results as results;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = results)]
pub struct MfaResetResult {
    pub reference: String,
    /// In the order in which they were chosen.
    pub position: i64,
    pub user_id: String,
    /// As it was then.
    pub name: String,
    pub outcome: ResetOutcome,
    /// A JSON object: what went, or why nothing did.
    pub details: String,
}

pub fn insert(conn: &mut DbConnection, rows: &[MfaResetResult]) -> QueryResult<()> {
    // SQLite takes about 32,000 values at a time.
    for rows in rows.chunks(500) {
        each!(conn, |c| diesel::insert_into(results::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn list(conn: &mut DbConnection, reference: &str) -> QueryResult<Vec<MfaResetResult>> {
    results::table.filter(results::reference.eq(reference)).order(results::position).limit(1_000).load(conn)
}

/// Takes somebody on; `true` for the one caller who found them not done. Others wait for the end of this
/// transaction.
pub fn claim(conn: &mut DbConnection, reference: &str, position: i64) -> QueryResult<bool> {
    let open = [ResetOutcome::Waiting, ResetOutcome::Failed];
    diesel::update(results::table.find((reference, position)).filter(results::outcome.eq_any(open)))
        .set(results::outcome.eq(ResetOutcome::Reset))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Says what became of somebody who was taken on.
pub fn settle(
    conn: &mut DbConnection,
    reference: &str,
    position: i64,
    outcome: ResetOutcome,
    details: &str,
) -> QueryResult<usize> {
    diesel::update(results::table.find((reference, position)))
        .set((results::outcome.eq(outcome), results::details.eq(details)))
        .execute(conn)
}

/// Says that it failed, unless it was done meanwhile.
pub fn fail(conn: &mut DbConnection, reference: &str, position: i64) -> QueryResult<usize> {
    diesel::update(results::table.find((reference, position)).filter(results::outcome.eq(ResetOutcome::Waiting)))
        .set(results::outcome.eq(ResetOutcome::Failed))
        .execute(conn)
}
