//! **Reset all multi-factor authentications** for more people than one page shows: a plan that holds
//! exactly those who were chosen, and once it is confirmed a job.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::act::Outcome;
use super::{Created, NewItem, NewJob, create_in_state, own};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::directory::{self, Query, Rest};
use crate::domain::limits::{DIRECTORY_BATCH, JOB_ITEMS};
use crate::domain::mfa_reset::{self, Refusal, Refusals, Request};
use crate::models::job_items::JobItem;
use crate::models::jobs::{self, Job};
use crate::models::users::User;
use crate::models::{JobKind, JobState, ResetOutcome, ResetScope, memberships, users};
use crate::secrets::random;

pub const LABEL: &str = "Reset all multi-factor authentications";

/// What was said with the confirmation, by operators.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Parameters {
    pub reason: String,
    pub confirmed: bool,
}

/// Plans a reset of everybody under a filter, as they are at this moment; nobody is reset yet.
pub async fn plan(core: &Core, actor: &Actor, query: Query, origin: &Origin) -> Result<Created, Fault> {
    let now = core.clock.now();
    let people = core.db.read(move |conn| everybody(conn, query, now)).await?;
    keep(core, actor, people, origin).await
}

/// The same for people who were checked; one the actor does not reach: nothing is planned.
pub async fn plan_chosen(
    core: &Core,
    actor: &Actor,
    user_ids: &[String],
    origin: &Origin,
) -> Result<Option<Created>, Fault> {
    let (reader, ids) = (actor.clone(), user_ids.to_vec());
    let people = core
        .db
        .read(move |conn| {
            let (mut people, mut seen) = (Vec::new(), HashSet::new());
            for id in ids.into_iter().take(JOB_ITEMS + 1) {
                let Some(user) = users::find(conn, &id)? else { return Ok(None) };
                let reached = reader.is_operator()
                    || memberships::list(conn, &id)?.iter().any(|m| reader.reaches(&m.organization_id));
                if !reached {
                    return Ok(None);
                }
                if seen.insert(id) {
                    people.push(item(&user));
                }
            }
            Ok::<_, Fault>(Some(people))
        })
        .await?;
    match people {
        Some(people) => keep(core, actor, people, origin).await.map(Some),
        None => Ok(None),
    }
}

/// Each person once, in the order of the list.
fn everybody(conn: &mut DbConnection, mut query: Query, now: Timestamp) -> Result<Vec<NewItem>, Fault> {
    query.limit = DIRECTORY_BATCH;
    query.after = None;
    let (mut people, mut seen) = (Vec::new(), HashSet::new());
    loop {
        let page = directory::find(conn, &query, now)?;
        for row in page.rows {
            if seen.insert(row.user.id.clone()) {
                people.push(item(&row.user));
            }
        }
        match page.rest {
            Rest::Next(cursor) | Rest::Continue(cursor) if people.len() <= JOB_ITEMS => query.after = Some(cursor),
            _ => return Ok(people),
        }
    }
}

fn item(user: &User) -> NewItem {
    let label = format!("{} ({})", user.full_name(), user.username);
    NewItem { subject_id: Some(user.id.clone()), label, payload: None }
}

async fn keep(core: &Core, actor: &Actor, items: Vec<NewItem>, origin: &Origin) -> Result<Created, Fault> {
    let new = NewJob {
        kind: JobKind::Reset,
        title: LABEL.into(),
        parameters: serde_json::json!({}),
        items,
        nonce: random::token().expose().clone(),
    };
    create_in_state(core, actor, new, JobState::Planned, origin).await
}

/// Lets a plan begin; `false` when it is none of the actor's. Twice is once. The reason fits
/// (`mfa_reset::is_too_long`).
pub async fn confirm(core: &Core, actor: &Actor, id: &str, said: Parameters, origin: &Origin) -> Result<bool, Fault> {
    let reason = said.reason.trim().to_owned();
    let said = serde_json::to_string(&Parameters { reason, ..said }).map_err(|e| Fault::Other(e.to_string()))?;
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let Some(job) = own(conn, &actor, &id)?.filter(|job| job.kind == JobKind::Reset) else {
                return Ok(false);
            };
            if jobs::begin(conn, &id, &said)? {
                super::entry("job_started", &actor, &job).with("people", job.total).write(conn, &origin, now)?;
            }
            Ok::<_, Fault>(true)
        })
        .await
}

/// One person.
pub fn act(
    conn: &mut DbConnection,
    core: &Core,
    (job, actor): (&Job, &Actor),
    item: &JobItem,
    origin: &Origin,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let Some(user_id) = item.subject_id.clone() else { return Ok(Outcome::failed("Nobody is named here.")) };
    let said: Parameters = serde_json::from_str(&job.parameters).unwrap_or_default();
    let request = Request {
        user_ids: vec![user_id],
        scope: ResetScope::All,
        label: LABEL.into(),
        reason: said.reason,
        operator_confirmed: said.confirmed,
    };
    Ok(match mfa_reset::reset_in(conn, core, actor, &request, origin, now)? {
        Ok(receipt) => match receipt.results.first().map(|done| done.outcome) {
            Some(ResetOutcome::Reset) => Outcome::succeeded(None),
            _ => Outcome::skipped("There was nothing to reset."),
        },
        Err(Refusals::People { refused, .. }) => match refused.first() {
            Some((_, why)) => Outcome::skipped(words(*why)),
            None => Outcome::skipped("Is not yours to look after any more."),
        },
        Err(Refusals::ReasonWanted | Refusals::ReasonTooLong | Refusals::ConfirmationWanted) => {
            Outcome::failed("An operator has to give a reason and to confirm.")
        }
    })
}

fn words(why: Refusal) -> &'static str {
    match why {
        Refusal::Oneself => "This is you. Use Security, or reset your own factors at /mfa/reset.",
        Refusal::HigherRole => "Has a higher role than you.",
        Refusal::ManagedElsewhere => "Is managed by another organization.",
        Refusal::LastOwner => "Is the only active Account Holder.",
    }
}
