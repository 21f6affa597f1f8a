//! Long work. A worker takes a job for as long as its lease, and each item proves that it still has it.

use diesel::prelude::*;

use super::{ItemState, JobKind, JobState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::jobs;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Job {
    pub id: String,
    pub kind: JobKind,
    /// What it does, in the words of its page.
    pub title: String,
    /// Who chose what on which page: the same post twice is one job.
    pub digest: String,
    pub actor_id: Option<String>,
    /// The organization acted in; operators may have none.
    pub organization_id: Option<String>,
    /// What the kind of job wants to know, as JSON.
    pub parameters: String,
    /// A JSON list of the organizations the actor reached, or `null` for all of them.
    pub reach: String,
    pub state: JobState,
    pub stopped_why: Option<String>,
    pub total: i64,
    pub succeeded: i64,
    pub skipped: i64,
    pub failed: i64,
    pub claimed_by: Option<String>,
    pub claimed_until: Option<Timestamp>,
    /// Where the act came from, for the audit entries of each item.
    pub address: String,
    pub user_agent: String,
    pub request_id: String,
    pub session_id: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

pub fn insert(conn: &mut DbConnection, row: &Job) -> QueryResult<()> {
    diesel::insert_into(jobs::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Job>> {
    jobs::table.find(id).first(conn).optional()
}

pub fn find_by_digest(conn: &mut DbConnection, digest: &str) -> QueryResult<Option<Job>> {
    jobs::table.filter(jobs::digest.eq(digest)).first(conn).optional()
}

/// Somebody's own that are more than plans, newest first, older than `before` (an id) when given.
pub fn list_of(conn: &mut DbConnection, actor_id: &str, before: Option<&str>, limit: i64) -> QueryResult<Vec<Job>> {
    let mut query = jobs::table
        .filter(jobs::actor_id.eq(actor_id.to_owned()))
        .filter(jobs::state.ne(JobState::Planned))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(jobs::id.lt(before.to_owned()));
    }
    query.order(jobs::id.desc()).limit(limit).load(conn)
}

/// Open ones that are in nobody's hands, oldest first. A lease beyond `longest` is from before the clock was
/// set back, and holds nothing.
pub fn list_due(conn: &mut DbConnection, now: Timestamp, longest: Timestamp, limit: i64) -> QueryResult<Vec<Job>> {
    jobs::table
        .filter(jobs::state.eq_any([JobState::Queued, JobState::Running]))
        .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.le(now)).or(jobs::claimed_until.gt(longest)))
        .order(jobs::id)
        .limit(limit)
        .load(conn)
}

/// Takes a job for one worker; `true` for the one that got it. `longest` as above.
pub fn claim(
    conn: &mut DbConnection,
    id: &str,
    (worker, until): (&str, Timestamp),
    now: Timestamp,
    longest: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        jobs::table
            .find(id)
            .filter(jobs::state.eq_any([JobState::Queued, JobState::Running]))
            .filter(jobs::claimed_until.is_null().or(jobs::claimed_until.le(now)).or(jobs::claimed_until.gt(longest))),
    )
    .set((jobs::state.eq(JobState::Running), jobs::claimed_by.eq(worker), jobs::claimed_until.eq(until)))
    .execute(conn)
    .map(|n| n == 1)
}

/// Prolongs the lease; `false` once another worker has the job or it was stopped.
pub fn keep(conn: &mut DbConnection, id: &str, worker: &str, until: Timestamp) -> QueryResult<bool> {
    diesel::update(jobs::table.find(id).filter(jobs::state.eq(JobState::Running)).filter(jobs::claimed_by.eq(worker)))
        .set(jobs::claimed_until.eq(until))
        .execute(conn)
        .map(|n| n == 1)
}

/// Counts what became of one item.
pub fn count(conn: &mut DbConnection, id: &str, state: ItemState) -> QueryResult<usize> {
    let job = jobs::table.find(id);
    match state {
        ItemState::Succeeded => diesel::update(job).set(jobs::succeeded.eq(jobs::succeeded + 1)).execute(conn),
        ItemState::Skipped => diesel::update(job).set(jobs::skipped.eq(jobs::skipped + 1)).execute(conn),
        ItemState::Failed => diesel::update(job).set(jobs::failed.eq(jobs::failed + 1)).execute(conn),
        ItemState::Waiting => Ok(0),
    }
}

/// Ends an open job; `true` for the one caller who did.
pub fn finish(
    conn: &mut DbConnection,
    id: &str,
    state: JobState,
    why: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(jobs::table.find(id).filter(jobs::state.eq_any([JobState::Queued, JobState::Running])))
        .set((
            jobs::state.eq(state),
            jobs::stopped_why.eq(why),
            jobs::finished_at.eq(now),
            jobs::claimed_by.eq(None::<String>),
            jobs::claimed_until.eq(None::<Timestamp>),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Lets a plan begin, with what was said to it; `true` for the one caller who did.
pub fn begin(conn: &mut DbConnection, id: &str, parameters: &str) -> QueryResult<bool> {
    diesel::update(jobs::table.find(id).filter(jobs::state.eq(JobState::Planned)))
        .set((jobs::state.eq(JobState::Queued), jobs::parameters.eq(parameters)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Opens an ended job again for what failed; `true` for the one caller who did.
pub fn reopen(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(
        jobs::table.find(id).filter(jobs::state.eq_any([JobState::Done, JobState::Stopped])).filter(jobs::failed.gt(0)),
    )
    .set((
        jobs::state.eq(JobState::Queued),
        jobs::failed.eq(0),
        jobs::stopped_why.eq(None::<String>),
        jobs::finished_at.eq(None::<Timestamp>),
    ))
    .execute(conn)
    .map(|n| n == 1)
}

/// How many of somebody's jobs are not done.
pub fn count_open(conn: &mut DbConnection, actor_id: &str) -> QueryResult<i64> {
    jobs::table
        .filter(jobs::actor_id.eq(actor_id))
        .filter(jobs::state.eq_any([JobState::Queued, JobState::Running]))
        .count()
        .get_result(conn)
}

/// Removes jobs that ended before `before`, with their items.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(jobs::table.filter(jobs::finished_at.lt(before))).execute(conn)
}

/// Removes plans made before `before` that nobody confirmed.
pub fn purge_plans(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(jobs::table.filter(jobs::state.eq(JobState::Planned)).filter(jobs::created_at.lt(before)))
        .execute(conn)
}

/// Stops every open job.
pub fn stop_everything(conn: &mut DbConnection, why: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(jobs::table.filter(jobs::state.eq_any([JobState::Queued, JobState::Running])))
        .set((
            jobs::state.eq(JobState::Stopped),
            jobs::stopped_why.eq(why),
            jobs::finished_at.eq(now),
            jobs::claimed_by.eq(None::<String>),
            jobs::claimed_until.eq(None::<Timestamp>),
        ))
        .execute(conn)
}
