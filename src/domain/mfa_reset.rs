//! **One reset**, whatever the button: preview of exactly what goes, one transaction, a receipt. Pages,
//! the API and the command line call it alike. SPEC section 7.

mod bars;
pub mod break_glass;
mod effects;
mod judge;
mod notices;
pub mod plan;
mod removal;

pub use self::bars::{Bar, bars};
pub use self::effects::remove_everything;
pub use self::judge::{Judge, Target, is_last_owner, is_on};
pub use self::notices::actor_words;
pub use self::removal::Removal;
use super::administration::{Actor, Via};
use super::audit::{Entry, Origin};
use super::limits::REASON_LENGTH;
use super::{Core, locks};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::mfa_reset_results::{self, MfaResetResult};
use crate::models::mfa_resets::{self, MfaReset};
use crate::models::{AuditResult, ResetOutcome, ResetScope};
use crate::secrets::random;

/// Without characters that are read for one another.
const REFERENCE_ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// At most `limits::RESET_PEOPLE`; one that comes twice counts once.
    pub user_ids: Vec<String>,
    pub scope: ResetScope,
    /// The words on the button, for the audit log.
    pub label: String,
    /// Operators have to give one.
    pub reason: String,
    /// An operator says that no other administrator can be reached.
    pub operator_confirmed: bool,
}

/// Why somebody is not reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Oneself: **Security** or `/mfa/reset`.
    Oneself,
    /// The person holds a higher role, here or elsewhere.
    HigherRole,
    /// Another organization manages the account.
    ManagedElsewhere,
    /// An organization would be left without an account holder who can sign in.
    LastOwner,
}

impl Refusal {
    /// The word in JSON and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::HigherRole => "higher_role",
            Self::ManagedElsewhere => "managed_elsewhere",
            Self::LastOwner => "last_owner",
        }
    }
}

/// What would become of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody the actor reaches: no such id, or somebody else's person.
    Unknown,
    Refused(Refusal),
    /// It can be done; there may be nothing to take away.
    Go(Removal),
}

/// One person in a preview; nothing is told about an unknown one.
#[derive(Clone, Debug)]
pub struct Preview {
    pub user_id: String,
    pub name: String,
    pub username: String,
    /// The organizations of this person that the actor reaches.
    pub organizations: Vec<String>,
    /// Where the account is managed.
    pub managed_by: Option<String>,
    pub verdict: Verdict,
}

/// What a reset would do, and what has to be said before it does.
#[derive(Clone, Debug, Default)]
pub struct Previewed {
    pub people: Vec<Preview>,
    /// An operator acts.
    pub wants_reason: bool,
    /// An operator acts, and somebody else could.
    pub wants_confirmation: bool,
}

/// What became of one person.
#[derive(Clone, Debug)]
pub struct Done {
    pub user_id: String,
    pub name: String,
    /// `Reset` or `Nothing`.
    pub outcome: ResetOutcome,
    pub removal: Removal,
}

/// All of it was done.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub reference: String,
    pub results: Vec<Done>,
}

/// Nothing was done.
#[derive(Clone, Debug)]
pub enum Refusals {
    /// People who are unknown, and people who may not be reset.
    People { unknown_ids: Vec<String>, refused: Vec<(String, Refusal)> },
    /// An operator gave no reason.
    ReasonWanted,
    /// It is longer than `limits::REASON_LENGTH`.
    ReasonTooLong,
    /// An operator did not confirm that nobody else can be reached.
    ConfirmationWanted,
}

/// What is said of a reason that does not fit; nothing is cut off in silence.
pub fn reason_too_long() -> String {
    format!("The reason is too long. Enter at most {REASON_LENGTH} characters.")
}

/// Whether a reason may be kept as it is.
pub fn is_too_long(reason: &str) -> bool {
    reason.trim().chars().count() > REASON_LENGTH
}

/// What a reset would do; changes nothing.
pub async fn preview(core: &Core, actor: &Actor, user_ids: &[String], scope: ResetScope) -> Result<Previewed, Fault> {
    let (actor, ids, now) = (actor.clone(), distinct(user_ids), core.clock.now());
    core.db
        .read(move |conn| {
            let judge = Judge::of(conn, &actor)?;
            let mut previewed = Previewed { wants_reason: judge.is_operator(), ..Previewed::default() };
            for user_id in ids {
                let target = Target::load(conn, &user_id)?;
                let verdict = judge.verdict(conn, target.as_ref(), scope, now)?;
                let known = target.as_ref().filter(|_| verdict != Verdict::Unknown);
                if let (Some(target), Verdict::Go(_)) = (known, &verdict) {
                    previewed.wants_confirmation |= judge.wants_confirmation(conn, target)?;
                }
                previewed.people.push(Preview {
                    name: known.map(|t| t.user.full_name()).unwrap_or_default(),
                    username: known.map(|t| t.user.username.clone()).unwrap_or_default(),
                    organizations: known.map(|t| judge.organizations(t)).unwrap_or_default(),
                    managed_by: known.and_then(|t| t.managing().map(|o| o.name.clone())),
                    user_id,
                    verdict,
                });
            }
            Ok(previewed)
        })
        .await
}

/// Resets everybody in the request or nobody, in one transaction.
pub async fn reset(
    core: &Core,
    actor: &Actor,
    request: Request,
    origin: &Origin,
) -> Result<Result<Receipt, Refusals>, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            let act = Act::new(&actor, &request, &origin, new_reference(), context.clock.now());
            all_or_nothing(conn, &context, &act, &request)
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

/// The same inside a transaction that does more.
pub fn reset_in(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    request: &Request,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<Receipt, Refusals>, Fault> {
    all_or_nothing(conn, core, &Act::new(actor, request, origin, new_reference(), now), request)
}

/// One reset under way.
pub struct Act<'a> {
    pub actor: &'a Actor,
    pub scope: ResetScope,
    pub label: &'a str,
    pub reason: String,
    pub confirmed: bool,
    pub reference: String,
    pub origin: &'a Origin,
    pub now: Timestamp,
}

impl<'a> Act<'a> {
    fn new(actor: &'a Actor, request: &'a Request, origin: &'a Origin, reference: String, now: Timestamp) -> Self {
        Self {
            actor,
            scope: request.scope,
            label: &request.label,
            reason: request.reason.trim().to_owned(),
            confirmed: request.operator_confirmed,
            reference,
            origin,
            now,
        }
    }

    /// An entry about somebody, with what every entry of a reset says.
    fn entry(&'a self, user_id: Option<&'a str>, result: AuditResult) -> Entry<'a> {
        let entry = Entry::new("mfa_reset", result)
            .by(self.actor)
            .about(user_id)
            .with("scope", self.scope.as_str())
            .with("label", self.label)
            .with("reference", self.reference.as_str());
        if self.reason.is_empty() { entry } else { entry.with("reason", self.reason.as_str()) }
    }
}

fn all_or_nothing(
    conn: &mut DbConnection,
    core: &Core,
    act: &Act,
    request: &Request,
) -> Result<Result<Receipt, Refusals>, Fault> {
    let ids = distinct(&request.user_ids);
    hold(conn, act.scope, &ids)?;
    let judge = Judge::of(conn, act.actor)?;
    let (mut targets, mut unknown_ids, mut refused, mut somebody_else) = (Vec::new(), Vec::new(), Vec::new(), false);
    for id in ids {
        let target = Target::load(conn, &id)?;
        match (judge.verdict(conn, target.as_ref(), act.scope, act.now)?, target) {
            (Verdict::Go(removal), Some(target)) => {
                somebody_else |= judge.wants_confirmation(conn, &target)?;
                targets.push((target, removal));
            }
            (Verdict::Refused(why), _) => refused.push((id, why)),
            _ => unknown_ids.push(id),
        }
    }
    if !unknown_ids.is_empty() || !refused.is_empty() {
        note_refusals(conn, act, &unknown_ids, &refused)?;
        return Ok(Err(Refusals::People { unknown_ids, refused }));
    }
    if judge.is_operator() && act.reason.is_empty() {
        return Ok(Err(Refusals::ReasonWanted));
    }
    if is_too_long(&act.reason) {
        return Ok(Err(Refusals::ReasonTooLong));
    }
    if somebody_else && !act.confirmed {
        return Ok(Err(Refusals::ConfirmationWanted));
    }
    let mut results = Vec::new();
    for (target, removal) in targets {
        let outcome = effects::apply(conn, core, act, &judge, (&target, &removal))?;
        results.push(Done { name: target.user.full_name(), user_id: target.user.id, outcome, removal });
    }
    keep(conn, act, &results)?;
    Ok(Ok(Receipt { reference: act.reference.clone(), results }))
}

/// Only a reset of the registration can take an owner away.
fn hold(conn: &mut DbConnection, scope: ResetScope, user_ids: &[String]) -> Result<(), Fault> {
    if scope == ResetScope::Registration {
        locks::people_and_owned(conn, user_ids)
    } else {
        locks::people(conn, user_ids)
    }
}

/// ASVS 16.3.2.
fn note_refusals(
    conn: &mut DbConnection,
    act: &Act,
    unknown_ids: &[String],
    refused: &[(String, Refusal)],
) -> Result<(), Fault> {
    if !unknown_ids.is_empty() {
        act.entry(None, AuditResult::Refused).with("unknown", unknown_ids.len()).write(conn, act.origin, act.now)?;
    }
    for (id, why) in refused {
        act.entry(Some(id), AuditResult::Refused).with("why", why.as_str()).write(conn, act.origin, act.now)?;
    }
    Ok(())
}

/// What the receipt shows.
fn keep(conn: &mut DbConnection, act: &Act, results: &[Done]) -> Result<(), Fault> {
    mfa_resets::insert(conn, &row(act))?;
    let rows: Vec<MfaResetResult> = results
        .iter()
        .zip(0..)
        .map(|(done, position)| MfaResetResult {
            reference: act.reference.clone(),
            position,
            user_id: done.user_id.clone(),
            name: done.name.clone(),
            outcome: done.outcome,
            details: plan::details(&done.removal),
        })
        .collect();
    Ok(mfa_reset_results::insert(conn, &rows)?)
}

fn row(act: &Act) -> MfaReset {
    MfaReset {
        reference: act.reference.clone(),
        actor_id: (act.actor.via != Via::CommandLine).then(|| act.actor.user.id.clone()),
        organization_id: act.actor.organization_id().map(Into::into),
        scope: act.scope,
        label: act.label.to_owned(),
        via: act.actor.via.as_str().into(),
        created_at: act.now,
    }
}

fn new_reference() -> String {
    let drawn = random::string(REFERENCE_ALPHABET, 10);
    let (first, second) = drawn.expose().split_at(5);
    format!("{first}-{second}")
}

fn distinct(ids: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().filter(|id| seen.insert(id.as_str())).cloned().collect()
}
