//! The people of a job, in its order.

use diesel::prelude::*;

use super::{ItemState, QueryResult};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::job_items;

/// Rows per statement: SQLite takes 32,766 values in one.
const BATCH: usize = 500;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct JobItem {
    pub id: String,
    pub job_id: String,
    /// Where it stands in the selection or the file; from 1 on.
    pub position: i64,
    /// The user it is about, once there is one.
    pub subject_id: Option<String>,
    /// How it is named on the job's page.
    pub label: String,
    /// What an import's row says, as JSON; erased when it is done.
    pub payload: Option<String>,
    pub state: ItemState,
    pub reason: Option<String>,
    pub finished_at: Option<Timestamp>,
}

pub fn insert_all(conn: &mut DbConnection, rows: &[JobItem]) -> QueryResult<()> {
    for batch in rows.chunks(BATCH) {
        each!(conn, |c| diesel::insert_into(job_items::table).values(batch).execute(c))?;
    }
    Ok(())
}

/// What comes next.
pub fn next(conn: &mut DbConnection, job_id: &str) -> QueryResult<Option<JobItem>> {
    job_items::table
        .filter(job_items::job_id.eq(job_id))
        .filter(job_items::state.eq(ItemState::Waiting))
        .order(job_items::position)
        .first(conn)
        .optional()
}

/// Records what became of an item; `true` for the one caller who did.
pub fn finish(
    conn: &mut DbConnection,
    id: &str,
    (state, reason): (ItemState, Option<&str>),
    subject_id: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    let row = job_items::table.find(id).filter(job_items::state.eq(ItemState::Waiting));
    let set = (job_items::state.eq(state), job_items::reason.eq(reason), job_items::finished_at.eq(now));
    let changed = diesel::update(row).set(set).execute(conn)?;
    if changed == 1
        && let Some(subject) = subject_id
    {
        diesel::update(job_items::table.find(id)).set(job_items::subject_id.eq(subject)).execute(conn)?;
    }
    if changed == 1 && state != ItemState::Failed {
        // What failed may be tried again, and needs it.
        diesel::update(job_items::table.find(id)).set(job_items::payload.eq(None::<String>)).execute(conn)?;
    }
    Ok(changed == 1)
}

/// Lets what failed wait again; how many.
pub fn reopen(conn: &mut DbConnection, job_id: &str) -> QueryResult<usize> {
    diesel::update(job_items::table.filter(job_items::job_id.eq(job_id)).filter(job_items::state.eq(ItemState::Failed)))
        .set((
            job_items::state.eq(ItemState::Waiting),
            job_items::reason.eq(None::<String>),
            job_items::finished_at.eq(None::<Timestamp>),
        ))
        .execute(conn)
}

/// From the one after `after` on, all or those of one state.
pub fn list(
    conn: &mut DbConnection,
    job_id: &str,
    state: Option<ItemState>,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<JobItem>> {
    let mut query = job_items::table
        .filter(job_items::job_id.eq(job_id.to_owned()))
        .filter(job_items::position.gt(after))
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(job_items::state.eq(state));
    }
    query.order(job_items::position).limit(limit).load(conn)
}
