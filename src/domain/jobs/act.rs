//! What a job does to one person, and in whose name: read anew for each of them, so that a job ends
//! with the role it was made with. ASVS 8.3.2.

use serde_json::Value;

use super::{origin_of, reset};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::people::import;
use crate::models::job_items::JobItem;
use crate::models::jobs::Job;
use crate::models::{Account, ItemState, JobKind, Role, memberships, organizations, users};

/// What became of one person.
pub struct Outcome {
    pub state: ItemState,
    /// Why not, in words.
    pub reason: Option<String>,
    /// Who it is, where that was not known before.
    pub subject_id: Option<String>,
}

impl Outcome {
    pub fn succeeded(subject_id: Option<String>) -> Self {
        Self { state: ItemState::Succeeded, reason: None, subject_id }
    }

    pub fn skipped(why: impl Into<String>) -> Self {
        Self { state: ItemState::Skipped, reason: Some(why.into()), subject_id: None }
    }

    pub fn failed(why: impl Into<String>) -> Self {
        Self { state: ItemState::Failed, reason: Some(why.into()), subject_id: None }
    }
}

/// Does one person of a job.
pub fn act(
    conn: &mut DbConnection,
    core: &Core,
    job: &Job,
    actor: &Actor,
    item: &JobItem,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let origin = origin_of(job);
    match job.kind {
        JobKind::Import => import::act(conn, core, actor, item, &origin, now),
        JobKind::Reset => reset::act(conn, core, (job, actor), item, &origin, now),
    }
}

/// In whose name a job acts; the words for its end when nobody is left who may.
pub fn actor_of(conn: &mut DbConnection, job: &Job) -> Result<Result<Actor, &'static str>, Fault> {
    let user = match &job.actor_id {
        Some(id) => users::find(conn, id)?,
        None => None,
    };
    let Some(user) = user.filter(|u| u.account == Account::Active) else {
        return Ok(Err("The account it was started with is not active any more."));
    };
    let organization = match &job.organization_id {
        Some(id) => organizations::find(conn, id)?.filter(|o| o.disabled_at.is_none()),
        None => None,
    };
    let recorded = recorded(job);
    if user.operator && recorded.is_none() {
        let reach = Reach::Everywhere;
        return Ok(Ok(Actor { user, organization, role: None, reach, via: Via::Console }));
    }
    let administered = memberships::list_active(conn, &user.id)?;
    let administered: Vec<_> = administered.into_iter().filter(|(m, _)| m.role >= Role::Admin).collect();
    let here = organization.as_ref().and_then(|o| administered.iter().find(|(_, other)| other.id == o.id));
    let (Some((membership, _)), Some(recorded)) = (here, recorded) else {
        return Ok(Err("The role it was started with was taken away."));
    };
    let role = Some(membership.role);
    let reach = administered.iter().map(|(_, o)| o.id.clone()).filter(|id| recorded.contains(id)).collect();
    Ok(Ok(Actor { user, organization, role, reach: Reach::Organizations(reach), via: Via::Console }))
}

/// The organizations the actor reached when the job was made; `None` for all.
fn recorded(job: &Job) -> Option<Vec<String>> {
    match serde_json::from_str(&job.reach) {
        Ok(Value::Array(ids)) => Some(ids.iter().filter_map(Value::as_str).map(Into::into).collect()),
        Ok(Value::Null) => None,
        _ => Some(Vec::new()),
    }
}
