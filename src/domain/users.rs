//! What an administrator sees of one person: the account, the memberships in organizations they reach,
//! and of those alone the factors, sessions and messages. Whoever is not theirs is not there.
//! ASVS 8.2.2.

pub mod acts;

use super::administration::Actor;
use super::mfa::{self, MfaStatus};
use super::mfa_reset::{Judge, Target};
use super::{Core, domain_account};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::domain_identities::{self, DomainIdentity};
use crate::models::factors::Factor;
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::sessions::{self as rows, Session};
use crate::models::users::User;
use crate::models::{Scope, Stage};

const ACTIVITY: i64 = 50;
const DELIVERIES: i64 = 20;

/// Somebody, as one administrator may see them.
pub struct Person {
    pub user: User,
    pub managing: Option<Organization>,
    /// In organizations the actor reaches.
    pub memberships: Vec<(Membership, Organization, MfaStatus)>,
    /// The membership that acts on one organization are about: the current one's; for an operator
    /// elsewhere the managing one's.
    pub place: Option<(Membership, Organization)>,
    pub factors: Vec<Factor>,
    pub recovery_codes: i64,
    pub paused_until: Option<Timestamp>,
    /// The account itself is the actor's, and not only a membership.
    pub managed: bool,
    /// The person holds a higher role somewhere than the actor where the account is managed, or else here.
    pub above: bool,
    /// The same for what concerns the organization acted in alone.
    pub above_here: bool,
    pub oneself: bool,
}

impl Person {
    /// Whether acts on this person are open to the actor at all.
    pub fn may_act(&self) -> bool {
        !self.above && !self.oneself
    }

    /// Whether acts on the membership alone are.
    pub fn may_act_here(&self) -> bool {
        !self.above_here && !self.oneself
    }
}

/// `None` for an unknown id and for somebody the actor does not reach: the same answer.
pub async fn find(core: &Core, actor: &Actor, id: &str) -> Result<Option<Person>, Fault> {
    let (actor, id, now) = (actor.clone(), id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let judge = Judge::of(conn, &actor)?;
            let proves = domain_account::proves_second_factor(conn, &id)?;
            let target = Target::load(conn, &id)?.filter(|target| judge.sees(target));
            Ok(target.map(|t| seen(&judge, &actor, t, proves, now)))
        })
        .await
}

fn seen(judge: &Judge, actor: &Actor, target: Target, proves: bool, now: Timestamp) -> Person {
    let place = place(judge, actor, &target);
    let status = |m: &Membership, o: &Organization| {
        let sso = domain_account::answers_for(o, proves);
        mfa::status(o, m, &target.factors, &target.pauses, (sso, target.user.set_up_demanded), now)
    };
    let is_shown =
        |f: &&Factor| f.scope == Scope::User || f.organization_id.as_ref().is_some_and(|id| judge.reaches(id));
    Person {
        managing: target.managing().cloned(),
        memberships: target
            .memberships
            .iter()
            .filter(|(_, o)| judge.reaches(&o.id))
            .map(|(m, o)| (m.clone(), o.clone(), status(m, o)))
            .collect(),
        factors: target.factors.iter().filter(is_shown).cloned().collect(),
        recovery_codes: target.recovery_codes,
        paused_until: target.pauses.iter().filter_map(|p| p.paused_until).filter(|until| *until > now).max(),
        managed: judge.manages(&target),
        above: judge.is_above(&target),
        above_here: judge.is_above_here(&target),
        oneself: judge.is_oneself(&target),
        user: target.user,
        place,
    }
}

/// The domain accounts that sign somebody in, for those who manage the account.
pub async fn domain_accounts(core: &Core, person: &Person) -> Result<Vec<DomainIdentity>, Fault> {
    if !person.managed {
        return Ok(Vec::new());
    }
    let id = person.user.id.clone();
    core.db.read(move |conn| domain_identities::list_of_user(conn, &id).map_err(Fault::from)).await
}

/// The membership in the organization acted in.
fn place(judge: &Judge, actor: &Actor, target: &Target) -> Option<(Membership, Organization)> {
    let of = |id: &str| target.memberships.iter().find(|(_, o)| o.id == id && judge.reaches(id)).cloned();
    let here = actor.organization_id().and_then(of);
    let elsewhere = || target.managing().filter(|_| actor.is_operator()).and_then(|o| of(&o.id));
    here.or_else(elsewhere)
}

/// Where somebody is signed in: everywhere for those who manage the account, else in their organizations.
pub async fn open_sessions(core: &Core, actor: &Actor, person: &Person) -> Result<Vec<Session>, Fault> {
    let (id, now) = (person.user.id.clone(), core.clock.now());
    let found = core.db.read(move |conn| rows::list(conn, &id, now).map_err(Fault::from)).await?;
    let counts = |s: &Session| {
        let theirs = person.managed || s.organization_id.as_ref().is_some_and(|id| actor.reaches(id));
        theirs && s.stage == Stage::SignedIn && s.mfa_epoch == person.user.mfa_epoch && s.is_live(now)
    };
    Ok(found.into_iter().filter(counts).collect())
}

/// What happened to somebody lately, as far as it is the actor's to know.
pub async fn activity(core: &Core, actor: &Actor, person: &Person) -> Result<Vec<AuditEntry>, Fault> {
    let id = person.user.id.clone();
    let found =
        core.db.read(move |conn| audit_entries::list_about(conn, &id, None, ACTIVITY).map_err(Fault::from)).await?;
    let theirs = |e: &AuditEntry| match &e.organization_id {
        Some(id) => actor.reaches(id),
        None => person.managed,
    };
    Ok(found.into_iter().filter(theirs).collect())
}

/// The last messages to somebody; pages mask where they went.
pub async fn deliveries(core: &Core, actor: &Actor, person: &Person) -> Result<Vec<OutboxMessage>, Fault> {
    let id = person.user.id.clone();
    let found =
        core.db.read(move |conn| outbox_messages::list_of_user(conn, &id, DELIVERIES).map_err(Fault::from)).await?;
    let theirs = |m: &OutboxMessage| person.managed || m.organization_id.as_ref().is_some_and(|id| actor.reaches(id));
    Ok(found.into_iter().filter(theirs).collect())
}
