//! What an administrator does to an account: unlock, disable, enable, end sessions, change a role. Each is
//! one transaction with its audit entry and the mail to the person. Whatever the path, an organization
//! keeps an account holder who can sign in: its row is held before they are counted. SPEC section 7,
//! ASVS 7.4.2, 7.4.5, 8.3.2.

use std::collections::BTreeSet;

use super::super::administration::Actor;
use super::super::audit::{Entry, Origin};
use super::super::limits::INVITATION_LINK;
use super::super::mfa_reset::{Judge, Refusal, Target, actor_words, is_last_owner, is_on};
use super::super::notices::{asked, tell_everywhere};
use super::super::operators::{Deed, tell_owners};
use super::super::organizations::owner;
use super::super::registration::{Whom, mail_link};
use super::super::{Core, locks, sessions};
use super::place;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::factors::{self, Factor};
use crate::models::users::User;
use crate::models::{
    Account, AuditResult, FactorKind, FactorState, Role, api_tokens, domain_identities, links, memberships,
    password_resets, remembered_browsers, second_step_pauses, sessions as rows, users,
};
use crate::outbox::line::Line;
use crate::outbox::messages::AccountChanged;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ends pauses and takes away what was switched off after a hundred wrong codes.
    Unlock,
    /// The whole account where it is managed, else the membership.
    Disable,
    Enable,
    EndSessions,
    /// Takes the connected domain accounts away; the next **LOGIN** connects one anew.
    RemoveDomainAccounts,
    SetRole {
        to: Role,
    },
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acted {
    Done,
    Refused(Refusal),
    /// It was so already, or has changed since the page was shown.
    Unchanged,
}

/// What the person is told, and what the entry says besides.
struct Told {
    action: &'static str,
    what: &'static str,
    so: String,
    details: Vec<(&'static str, String)>,
}

impl Told {
    fn new(action: &'static str, what: &'static str, so: impl Into<String>) -> Self {
        Self { action, what, so: so.into(), details: Vec::new() }
    }
}

/// Does it. `None` for somebody the actor does not reach.
pub async fn act(core: &Core, actor: &Actor, id: &str, act: Act, origin: &Origin) -> Result<Option<Acted>, Fault> {
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    let acted = core
        .db
        .write(move |conn| {
            let now = context.clock.now();
            let held = hold(conn, act, &id)?;
            // Read now: of two owners who demote each other, the one who waited is none any more.
            let judge = Judge::of(conn, &actor)?;
            let Some(target) = Target::load(conn, &id)?.filter(|target| judge.sees(target)) else { return Ok(None) };
            if let Some(held) = held {
                locks::all_held(&held, &target.memberships.iter().map(|(_, o)| o.id.clone()).collect())?;
            }
            let with = With { core: &context, actor: &actor, judge: &judge, origin: &origin, now };
            let done = match refusal(&with, &target, act) {
                Some(why) => Err(why),
                None => with.apply(conn, &target, act)?,
            };
            Ok::<_, Fault>(Some(match done {
                Ok(Some(told)) => {
                    with.note(conn, &target.user, &told)?;
                    with.tell_owners(conn, &target, act)?;
                    Acted::Done
                }
                Ok(None) => Acted::Unchanged,
                Err(why) => {
                    Entry::new(name(act), AuditResult::Refused)
                        .by(&actor)
                        .about(Some(&id))
                        .with("why", why.as_str())
                        .write(conn, &origin, now)?;
                    Acted::Refused(why)
                }
            }))
        })
        .await?;
    core.outbox.notify_one();
    Ok(acted)
}

/// What counts owners, or changes who is one, holds the organizations too; which these are.
fn hold(conn: &mut DbConnection, act: Act, id: &str) -> Result<Option<BTreeSet<String>>, Fault> {
    match act {
        Act::Disable | Act::Enable | Act::SetRole { .. } => locks::person_and_places(conn, id).map(Some),
        Act::Unlock | Act::EndSessions | Act::RemoveDomainAccounts => {
            locks::people(conn, &[id.to_owned()])?;
            Ok(None)
        }
    }
}

fn refusal(with: &With, target: &Target, act: Act) -> Option<Refusal> {
    let here = matches!(act, Act::SetRole { .. });
    let above = if here { with.judge.is_above_here(target) } else { with.judge.is_above(target) };
    if with.judge.is_oneself(target) {
        Some(Refusal::Oneself)
    } else if above {
        Some(Refusal::HigherRole)
    } else if matches!(act, Act::Unlock | Act::RemoveDomainAccounts) && !with.judge.manages(target) {
        Some(Refusal::ManagedElsewhere)
    } else {
        None
    }
}

/// What an account was before it was disabled, seen from what it has. Who comes by domain account has no password,
/// and is asked for the terms on the way in.
fn before(conn: &mut DbConnection, user: &User) -> Result<Account, Fault> {
    let by_domain = !domain_identities::list_of_user(conn, &user.id)?.is_empty();
    Ok(match (&user.password_hash, &user.terms_version) {
        (_, Some(_)) => Account::Active,
        (_, None) if by_domain => Account::Active,
        (None, None) => Account::Invited,
        (Some(_), None) => Account::Unfinished,
    })
}

fn name(act: Act) -> &'static str {
    match act {
        Act::Unlock => "account_unlocked",
        Act::Disable => "account_disabled",
        Act::Enable => "account_enabled",
        Act::EndSessions => "sessions_ended",
        Act::RemoveDomainAccounts => "domain_unlinked",
        Act::SetRole { .. } => "role_changed",
    }
}

/// What every act has at hand.
struct With<'a> {
    core: &'a Core,
    actor: &'a Actor,
    judge: &'a Judge<'a>,
    origin: &'a Origin,
    now: Timestamp,
}

type Outcome = Result<Option<Told>, Refusal>;

impl With<'_> {
    fn apply(&self, conn: &mut DbConnection, target: &Target, act: Act) -> Result<Outcome, Fault> {
        match act {
            Act::Unlock => self.unlock(conn, target).map(Ok),
            Act::Disable if self.judge.manages(target) => self.disable(conn, target),
            Act::Disable => self.disable_membership(conn, target),
            Act::Enable => self.enable(conn, target).map(Ok),
            Act::EndSessions => self.end_sessions(conn, target).map(Ok),
            Act::RemoveDomainAccounts => self.remove_domain_accounts(conn, target).map(Ok),
            Act::SetRole { to } => self.set_role(conn, target, to),
        }
    }

    fn unlock(&self, conn: &mut DbConnection, target: &Target) -> Result<Option<Told>, Fault> {
        let user_id = &target.user.id;
        let lifted = second_step_pauses::clear_all(conn, user_id)?;
        let off = || target.factors.iter().filter(|f| f.state == FactorState::SwitchedOff && is_on(f));
        let ids = |tokens: bool| -> Vec<String> {
            let is_token = |f: &&Factor| (f.kind == FactorKind::HardwareToken) == tokens;
            off().filter(is_token).map(|f| f.id.clone()).collect()
        };
        let taken = factors::delete(conn, &ids(false))? + factors::deactivate_all(conn, &ids(true))?;
        if taken > 0 {
            sessions::end_everything(conn, user_id, self.now)?;
        }
        if taken + lifted == 0 {
            return Ok(None);
        }
        let so = if taken > 0 {
            "An authenticator that was switched off after too many wrong codes was removed. Set up a new one."
        } else {
            "The pause after wrong codes has ended. You can sign in again."
        };
        let mut told = Told::new("account_unlocked", "Your account was unlocked", so);
        told.details.push(("factors_removed", taken.to_string()));
        Ok(Some(told))
    }

    fn disable(&self, conn: &mut DbConnection, target: &Target) -> Result<Outcome, Fault> {
        if is_last_owner(conn, target)? {
            return Ok(Err(Refusal::LastOwner));
        }
        if target.user.account == Account::Disabled {
            return Ok(Ok(None));
        }
        let user_id = &target.user.id;
        users::set_account(conn, user_id, Account::Disabled, self.now)?;
        sessions::end_everything(conn, user_id, self.now)?;
        links::replace_all_of_user(conn, user_id, self.now)?;
        password_resets::delete_of_user(conn, user_id)?;
        api_tokens::revoke_of_user(conn, user_id, self.now)?;
        let so = "Nobody can sign in with it until an administrator enables it again.";
        Ok(Ok(Some(Told::new("account_disabled", "Your account was disabled", so))))
    }

    fn disable_membership(&self, conn: &mut DbConnection, target: &Target) -> Result<Outcome, Fault> {
        let Some((membership, organization)) = place(self.judge, self.actor, target) else { return Ok(Ok(None)) };
        if self.is_last_owner_of(conn, target, &organization.id)? {
            return Ok(Err(Refusal::LastOwner));
        }
        if !memberships::disable(conn, &membership.id, self.now)? {
            return Ok(Ok(None));
        }
        rows::delete_in_organization(conn, &target.user.id, &organization.id)?;
        remembered_browsers::delete_of_user(conn, &target.user.id)?;
        api_tokens::revoke_in_organization(conn, &target.user.id, &organization.id, self.now)?;
        let so = format!("You cannot enter {} any more. Your account is unchanged elsewhere.", organization.name);
        Ok(Ok(Some(Told::new("membership_disabled", "Your membership was stopped", so))))
    }

    fn enable(&self, conn: &mut DbConnection, target: &Target) -> Result<Option<Told>, Fault> {
        let mut done = false;
        if self.judge.manages(target) {
            let user = &target.user;
            let to = before(conn, user)?;
            done = users::move_account(conn, &user.id, &[Account::Disabled], to, self.now)?;
            if done && to == Account::Invited {
                let user = User { account: to, ..user.clone() };
                mail_link(conn, self.core, Whom::User(&user), INVITATION_LINK, self.origin, self.now)?;
            }
        }
        if let Some((membership, _)) = place(self.judge, self.actor, target)
            && !self.judge.is_above_here(target)
        {
            done |= memberships::enable(conn, &membership.id)?;
        }
        if users::find(conn, &target.user.id)?.is_some_and(|u| u.account == Account::Active) {
            owner::arrived(conn, &target.user.id, self.origin, self.now)?;
        }
        let so = "You can sign in again, with what you used before.";
        Ok(done.then(|| Told::new("account_enabled", "Your account was enabled again", so)))
    }

    fn end_sessions(&self, conn: &mut DbConnection, target: &Target) -> Result<Option<Told>, Fault> {
        let user_id = &target.user.id;
        let (many, of) = if self.judge.manages(target) {
            (rows::delete_others(conn, user_id, "")?, String::new())
        } else if let Some((_, organization)) = place(self.judge, self.actor, target) {
            (rows::delete_in_organization(conn, user_id, &organization.id)?, format!(" of {}", organization.name))
        } else {
            return Ok(None);
        };
        remembered_browsers::delete_of_user(conn, user_id)?;
        let so = format!("You were signed out{of}, and no browser remembers you any more. Sign in again as usual.");
        let mut told = Told::new("sessions_ended", "Your sessions were ended", so);
        told.details.push(("sessions", many.to_string()));
        Ok(Some(told))
    }

    fn remove_domain_accounts(&self, conn: &mut DbConnection, target: &Target) -> Result<Option<Told>, Fault> {
        let many = domain_identities::delete_of_user(conn, &target.user.id)?;
        if many == 0 {
            return Ok(None);
        }
        sessions::end_everything(conn, &target.user.id, self.now)?;
        let so =
            "It signs you in no more. The next time you choose LOGIN, we ask you to show that this account is yours.";
        let mut told = Told::new("domain_unlinked", "Your domain account was removed", so);
        told.details.push(("removed", many.to_string()));
        Ok(Some(told))
    }

    fn set_role(&self, conn: &mut DbConnection, target: &Target, to: Role) -> Result<Outcome, Fault> {
        let Some((_, organization)) = place(self.judge, self.actor, target) else { return Ok(Ok(None)) };
        let Some(membership) = memberships::find(conn, &target.user.id, &organization.id)? else { return Ok(Ok(None)) };
        if to < Role::Owner && self.is_last_owner_of(conn, target, &organization.id)? {
            return Ok(Err(Refusal::LastOwner));
        }
        if !self.judge.owns(&organization.id) {
            return Ok(Err(Refusal::HigherRole));
        }
        if membership.role == to || !memberships::set_role(conn, &membership.id, membership.role, to)? {
            return Ok(Ok(None));
        }
        if to == Role::Owner && target.user.account == Account::Active {
            owner::appeared(conn, &organization, &target.user.id, self.origin, self.now)?;
        }
        let word = super::super::access::role_words(to);
        let so = format!("In {} you are now: {word}.", organization.name);
        let mut told = Told::new("role_changed", "Your role was changed", so);
        told.details.extend([("from", membership.role.to_string()), ("to", to.to_string())]);
        Ok(Ok(Some(told)))
    }

    fn is_last_owner_of(&self, conn: &mut DbConnection, target: &Target, id: &str) -> Result<bool, Fault> {
        let Some(membership) = memberships::find(conn, &target.user.id, id)? else { return Ok(false) };
        Ok(membership.role == Role::Owner
            && membership.disabled_at.is_none()
            && target.user.account == Account::Active
            && !memberships::has_other_owner(conn, id, &target.user.id)?)
    }

    /// An operator came from outside: those who hold the organizations learn that somebody of theirs is shut out,
    /// or let in again.
    fn tell_owners(&self, conn: &mut DbConnection, target: &Target, act: Act) -> Result<(), Fault> {
        let (what, so) = match act {
            Act::Disable => ("An account was disabled", "can sign in nowhere until the account is enabled again."),
            Act::Enable => ("An account was enabled", "can sign in again."),
            _ => return Ok(()),
        };
        let so = format!("{} ({}) {so}", target.user.full_name(), target.user.username);
        let organizations = target.memberships.iter().map(|(_, o)| o.id.clone()).collect();
        let deed = Deed { what, so: &so, subject: Some(&target.user.id) };
        tell_owners(conn, self.core, (self.actor, organizations), &deed, self.origin, self.now)
    }

    fn note(&self, conn: &mut DbConnection, user: &User, told: &Told) -> Result<(), Fault> {
        let by = actor_words(self.core, self.actor);
        let message = |zone: &_| {
            Box::new(AccountChanged {
                what: Line::new(told.what),
                so: Line::new(&told.so),
                by: Line::new(&by),
                asked: asked(zone, self.origin, self.now),
            }) as _
        };
        tell_everywhere(conn, self.core, user, told.action, message, self.now)?;
        let mut entry = Entry::new(told.action, AuditResult::Success).by(self.actor).about(Some(&user.id));
        for (key, value) in &told.details {
            entry = entry.with(key, value.as_str());
        }
        Ok(entry.write(conn, self.origin, self.now)?)
    }
}
