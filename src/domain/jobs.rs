//! Long work over many people. A job is fixed by what was chosen on which page, so that a double click
//! is one job; each person is done in one transaction together with their item, so that nobody is done
//! twice; and any node goes on where another one ended. SPEC section 7.

pub mod act;
pub mod preview;
pub mod reset;
pub mod results;
pub mod worker;

use serde_json::Value;

use super::Core;
use super::administration::{Actor, Reach};
use super::audit::{Entry, Origin};
use super::limits::{JOB_ITEMS, LIST_PAGE, OPEN_JOBS};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::job_items::{self, JobItem};
use crate::models::jobs::{self, Job};
use crate::models::{AuditResult, ItemState, JobKind, JobState, new_id};
use crate::secrets::key_ring::sha256;

/// A job to be made.
pub struct NewJob {
    pub kind: JobKind,
    /// What it does, in the words of its page.
    pub title: String,
    pub parameters: Value,
    pub items: Vec<NewItem>,
    /// Drawn when the page was made: the same post twice is one job, the same choice on another day
    /// another.
    pub nonce: String,
}

pub struct NewItem {
    pub subject_id: Option<String>,
    /// How it is named on the job's page.
    pub label: String,
    pub payload: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// The id of the job, made now or by the same post before.
    Job(String),
    Nothing,
    TooManyPeople,
    /// As many of the actor's are open as may be.
    TooManyJobs,
}

/// Makes a job of what was chosen.
pub async fn create(core: &Core, actor: &Actor, new: NewJob, origin: &Origin) -> Result<Created, Fault> {
    create_in_state(core, actor, new, JobState::Queued, origin).await
}

/// The same, to begin at once or to be confirmed first.
async fn create_in_state(
    core: &Core,
    actor: &Actor,
    new: NewJob,
    state: JobState,
    origin: &Origin,
) -> Result<Created, Fault> {
    if new.items.is_empty() {
        return Ok(Created::Nothing);
    }
    if new.items.len() > JOB_ITEMS {
        return Ok(Created::TooManyPeople);
    }
    let digest = digest(actor, &new);
    let (context, actor, origin, wanted) = (core.clone(), actor.clone(), origin.clone(), digest.clone());
    let made =
        core.db.write(move |conn| insert(conn, &actor, new, (wanted, state), &origin, context.clock.now())).await;
    match made {
        // The other half of a double click, at the same moment on another node.
        Err(fault) if fault.is_unique_violation() => {
            let found = core.db.read(move |conn| Ok::<_, Fault>(jobs::find_by_digest(conn, &digest)?)).await?;
            found.map(|job| Created::Job(job.id)).ok_or(fault)
        }
        made => made,
    }
}

/// The job that the same post has made before.
pub async fn find_made(core: &Core, actor: &Actor, new: &NewJob) -> Result<Option<String>, Fault> {
    let digest = digest(actor, new);
    core.db.read(move |conn| Ok(jobs::find_by_digest(conn, &digest)?.map(|job| job.id))).await
}

/// Who chose what on which page.
fn digest(actor: &Actor, new: &NewJob) -> String {
    let mut text = format!("{}\n{}\n{}\n{}", actor.user.id, new.kind, new.nonce, new.parameters);
    for item in &new.items {
        text.push('\n');
        text.push_str(item.subject_id.as_deref().unwrap_or_default());
        text.push('\t');
        text.push_str(item.payload.as_deref().unwrap_or_default());
    }
    data_encoding::HEXLOWER.encode(&sha256(&text))
}

fn insert(
    conn: &mut DbConnection,
    actor: &Actor,
    new: NewJob,
    (digest, state): (String, JobState),
    origin: &Origin,
    now: Timestamp,
) -> Result<Created, Fault> {
    // Each person is judged anew when it is their turn: nothing is held while thousands are written down.
    actor.stands(conn)?;
    if let Some(job) = jobs::find_by_digest(conn, &digest)? {
        return Ok(Created::Job(job.id));
    }
    if jobs::count_open(conn, &actor.user.id)? >= OPEN_JOBS {
        return Ok(Created::TooManyJobs);
    }
    let reach = match &actor.reach {
        Reach::Everywhere => Value::Null,
        Reach::Organizations(ids) => Value::from(ids.clone()),
    };
    let job = Job {
        id: new_id(now),
        kind: new.kind,
        title: new.title,
        digest,
        actor_id: Some(actor.user.id.clone()),
        organization_id: actor.organization_id().map(Into::into),
        parameters: new.parameters.to_string(),
        reach: reach.to_string(),
        state,
        stopped_why: None,
        total: i64::try_from(new.items.len()).unwrap_or(i64::MAX),
        succeeded: 0,
        skipped: 0,
        failed: 0,
        claimed_by: None,
        claimed_until: None,
        address: origin.address.clone(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
        session_id: origin.session_id.clone(),
        created_at: now,
        finished_at: None,
    };
    jobs::insert(conn, &job)?;
    let item = |(position, new): (i64, NewItem)| JobItem {
        id: new_id(now),
        job_id: job.id.clone(),
        position,
        subject_id: new.subject_id,
        label: new.label,
        payload: new.payload,
        state: ItemState::Waiting,
        reason: None,
        finished_at: None,
    };
    let items: Vec<JobItem> = (1..).zip(new.items).map(item).collect();
    job_items::insert_all(conn, &items)?;
    let action = if state == JobState::Planned { "job_planned" } else { "job_started" };
    entry(action, actor, &job).with("people", job.total).write(conn, origin, now)?;
    Ok(Created::Job(job.id))
}

fn entry<'a>(action: &'a str, actor: &'a Actor, job: &'a Job) -> Entry<'a> {
    Entry::new(action, AuditResult::Success).by(actor).with("job", job.id.as_str()).with("kind", job.kind.as_str())
}

/// Where the act came from, for each person of a job.
fn origin_of(job: &Job) -> Origin {
    Origin {
        address: job.address.clone(),
        limited_as: job.address.clone(),
        user_agent: job.user_agent.clone(),
        request_id: job.request_id.clone(),
        session_id: job.session_id.clone(),
        ..Origin::default()
    }
}

/// One page of somebody's jobs, newest first, and where the next one begins.
pub async fn list(core: &Core, actor: &Actor, before: Option<String>) -> Result<(Vec<Job>, Option<String>), Fault> {
    let id = actor.user.id.clone();
    let mut rows =
        core.db.read(move |conn| Ok::<_, Fault>(jobs::list_of(conn, &id, before.as_deref(), LIST_PAGE + 1)?)).await?;
    let page = usize::try_from(LIST_PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let next = if more { rows.last().map(|job| job.id.clone()) } else { None };
    Ok((rows, next))
}

/// One of the actor's own.
fn own(conn: &mut DbConnection, actor: &Actor, id: &str) -> Result<Option<Job>, Fault> {
    Ok(jobs::find(conn, id)?.filter(|job| job.actor_id.as_deref() == Some(&actor.user.id)))
}

/// Stops a job before its end: what is done stays done. `false` for one that is not open, `None` for none of the
/// actor's.
pub async fn stop(core: &Core, actor: &Actor, id: &str, origin: &Origin) -> Result<Option<bool>, Fault> {
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let Some(job) = own(conn, &actor, &id)? else { return Ok(None) };
            if !jobs::finish(conn, &id, JobState::Stopped, Some("You stopped it."), now)? {
                return Ok(Some(false));
            }
            entry("job_stopped", &actor, &job).write(conn, &origin, now)?;
            Ok::<_, Fault>(Some(true))
        })
        .await
}

/// Lets what failed be tried again; `false` for one that has not ended, `None` for none of the actor's.
pub async fn retry(core: &Core, actor: &Actor, id: &str, origin: &Origin) -> Result<Option<bool>, Fault> {
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let Some(job) = own(conn, &actor, &id)? else { return Ok(None) };
            if !jobs::reopen(conn, &id)? {
                return Ok(Some(false));
            }
            let again = job_items::reopen(conn, &id)?;
            entry("job_retried", &actor, &job).with("people", again).write(conn, &origin, now)?;
            Ok::<_, Fault>(Some(true))
        })
        .await
}
