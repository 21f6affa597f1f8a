//! A reset of people chosen from a list: kept before it is confirmed, so that the summary can be looked at
//! again, a second click is the same reset, and nobody is reset twice. Each person is a transaction of
//! its own: one who fails is named and can be tried again.

use serde_json::{Value, json};

use super::{
    Act, Judge, Removal, Request, Target, Verdict, distinct, effects, hold, new_reference, note_refusals, row,
};
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::limits::RESET_PEOPLE;
use crate::models::mfa_reset_results::{self, MfaResetResult};
use crate::models::mfa_resets::{self, MfaReset};
use crate::models::{ResetOutcome, ResetScope};

/// A reset that was asked for, and how far it has come.
pub struct Planned {
    pub reset: MfaReset,
    pub people: Vec<MfaResetResult>,
}

impl Planned {
    /// Whether nothing was done yet.
    pub fn is_new(&self) -> bool {
        self.people.iter().all(|person| person.outcome == ResetOutcome::Waiting)
    }

    /// Whether somebody still waits, or failed.
    pub fn is_open(&self) -> bool {
        self.people.iter().any(is_open)
    }
}

fn is_open(person: &MfaResetResult) -> bool {
    matches!(person.outcome, ResetOutcome::Waiting | ResetOutcome::Failed)
}

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedOut {
    Done,
    ReasonWanted,
    ReasonTooLong,
    ConfirmationWanted,
}

/// Keeps a selection; its reference. `None` when somebody in it is unknown to the actor, or there is nobody
/// or too many: then nothing is kept.
pub async fn keep(
    core: &Core,
    actor: &Actor,
    user_ids: &[String],
    scope: ResetScope,
    label: &str,
    origin: &Origin,
) -> Result<Option<String>, Fault> {
    let (context, actor, origin, label) = (core.clone(), actor.clone(), origin.clone(), label.to_owned());
    let ids = distinct(user_ids);
    if ids.is_empty() || ids.len() > RESET_PEOPLE {
        return Ok(None);
    }
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let request =
                Request { user_ids: Vec::new(), scope, label, reason: String::new(), operator_confirmed: false };
            let act = Act::new(&actor, &request, &origin, new_reference(), now);
            let judge = Judge::of(conn, &actor)?;
            let (mut rows, mut unknown) = (Vec::new(), Vec::new());
            for (id, position) in ids.into_iter().zip(0..) {
                match Target::load(conn, &id)?.filter(|target| judge.sees(target)) {
                    Some(target) => rows.push(MfaResetResult {
                        reference: act.reference.clone(),
                        position,
                        name: target.user.full_name(),
                        user_id: id,
                        outcome: ResetOutcome::Waiting,
                        details: "{}".into(),
                    }),
                    None => unknown.push(id),
                }
            }
            if !unknown.is_empty() {
                note_refusals(conn, &act, &unknown, &[])?;
                return Ok(None);
            }
            mfa_resets::insert(conn, &row(&act))?;
            mfa_reset_results::insert(conn, &rows)?;
            Ok(Some(act.reference))
        })
        .await
}

/// One of the actor's own resets.
pub async fn find(core: &Core, actor: &Actor, reference: &str) -> Result<Option<Planned>, Fault> {
    let (actor_id, reference) = (actor.user.id.clone(), reference.to_owned());
    core.db
        .read(move |conn| {
            let Some(reset) = mfa_resets::find_of(conn, &actor_id, &reference)? else { return Ok(None) };
            Ok(Some(Planned { people: mfa_reset_results::list(conn, &reference)?, reset }))
        })
        .await
}

/// Resets everybody who still waits or failed. Who may not be reset by now is skipped, with the reason.
pub async fn carry_out(
    core: &Core,
    actor: &Actor,
    planned: &Planned,
    (reason, confirmed): (String, bool),
    origin: &Origin,
) -> Result<CarriedOut, Fault> {
    let open: Vec<MfaResetResult> = planned.people.iter().filter(|person| is_open(person)).cloned().collect();
    let ids: Vec<String> = open.iter().map(|person| person.user_id.clone()).collect();
    let previewed = super::preview(core, actor, &ids, planned.reset.scope).await?;
    if previewed.wants_reason && reason.trim().is_empty() {
        return Ok(CarriedOut::ReasonWanted);
    }
    if super::is_too_long(&reason) {
        return Ok(CarriedOut::ReasonTooLong);
    }
    if previewed.wants_confirmation && !confirmed {
        return Ok(CarriedOut::ConfirmationWanted);
    }
    let request = Request {
        user_ids: Vec::new(),
        scope: planned.reset.scope,
        label: planned.reset.label.clone(),
        reason,
        operator_confirmed: confirmed,
    };
    for person in open {
        if let Err(fault) = one(core, actor, &request, &person, origin).await {
            tracing::error!(%fault, reference = person.reference, user = person.user_id, "a reset failed");
            failed(core, person).await?;
        }
    }
    core.outbox.notify_one();
    Ok(CarriedOut::Done)
}

/// One person, in one transaction.
async fn one(
    core: &Core,
    actor: &Actor,
    request: &Request,
    person: &MfaResetResult,
    origin: &Origin,
) -> Result<(), Fault> {
    let (context, actor, request) = (core.clone(), actor.clone(), request.clone());
    let (person, origin) = (person.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let act = Act::new(&actor, &request, &origin, person.reference.clone(), context.clock.now());
            if mfa_reset_results::claim(conn, &person.reference, person.position)? {
                let (outcome, details) = reset_one(conn, &context, &act, &person.user_id)?;
                mfa_reset_results::settle(conn, &person.reference, person.position, outcome, &details)?;
            }
            Ok(())
        })
        .await
}

async fn failed(core: &Core, person: MfaResetResult) -> Result<(), Fault> {
    core.db.write(move |conn| Ok(mfa_reset_results::fail(conn, &person.reference, person.position).map(|_| ())?)).await
}

/// Resets one person inside the caller's transaction: what became of it, and its details in JSON.
pub fn reset_one(
    conn: &mut DbConnection,
    core: &Core,
    act: &Act,
    user_id: &str,
) -> Result<(ResetOutcome, String), Fault> {
    hold(conn, act.scope, &[user_id.to_owned()])?;
    let judge = Judge::of(conn, act.actor)?;
    let target = Target::load(conn, user_id)?;
    match (judge.verdict(conn, target.as_ref(), act.scope, act.now)?, target) {
        (Verdict::Go(removal), Some(target)) => {
            let outcome = effects::apply(conn, core, act, &judge, (&target, &removal))?;
            Ok((outcome, details(&removal)))
        }
        (Verdict::Refused(why), _) => {
            note_refusals(conn, act, &[], &[(user_id.to_owned(), why)])?;
            Ok((ResetOutcome::Skipped, json!({ "why": why.as_str() }).to_string()))
        }
        _ => {
            note_refusals(conn, act, &[user_id.to_owned()], &[])?;
            Ok((ResetOutcome::Skipped, json!({ "why": "unknown" }).to_string()))
        }
    }
}

/// What went, as a row keeps it.
pub fn details(removal: &Removal) -> String {
    let mut all = removal.to_json();
    all.insert("words".into(), json!(removal.deleted_words()));
    all.insert("tokens".into(), json!(removal.deactivated_words()));
    all.insert("registration".into(), json!(removal.registration));
    all.insert("also".into(), json!(removal.registration_words()));
    Value::Object(all).to_string()
}
