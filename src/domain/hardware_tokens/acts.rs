//! What administrators do with a token: hand it out, put it into use, take it out of use, mark it as
//! lost, have it back.

use super::notices::{self, What};
use super::{State, Tried, factor_of, may_act_on, put_into_use};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::limits::{TOKEN_TRIES, TOKEN_TRIES_WITHIN};
use crate::domain::{Core, throttle};
use crate::models::hardware_tokens::{self, HardwareToken, Holding, secret_place};
use crate::models::organizations::Organization;
use crate::models::users::{self, User};
use crate::models::{
    Account, AuditResult, FactorState, factors, memberships, remembered_browsers, sessions, throttles,
};

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Act {
    /// Hand it to somebody, by username.
    Assign {
        username: String,
    },
    /// Put it into use, with a code from it.
    Activate {
        code: String,
    },
    Deactivate,
    Lose,
    /// Have it back, or found it again.
    MakeAvailable,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The organization has no such token.
    NotFound,
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownUser,
    DisabledUser,
    HigherRole,
    /// One's own token that is in use is taken out of use under Security.
    Own,
    /// The token stands otherwise than the act needs; perhaps somebody was quicker.
    State,
    Wrong,
    /// Right for a time so many minutes from now; counted as wrong.
    ClockOff {
        minutes: i64,
    },
    TooMany {
        until: Timestamp,
    },
}

/// Does it, in the organization the administrator is in.
pub async fn act(
    core: &Core,
    (actor, organization): (&Actor, &Organization),
    token_id: &str,
    act: Act,
    origin: &Origin,
) -> Result<Outcome, Fault> {
    let (context, actor, organization) = (core.clone(), actor.clone(), organization.clone());
    let (id, origin) = (token_id.to_owned(), origin.clone());
    let outcome = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let Some((token, holding)) = hardware_tokens::find(conn, &organization.id, &id)? else {
                return Ok(Outcome::NotFound);
            };
            let now = context.clock.now();
            let at =
                At { core: &context, actor: &actor, organization: &organization, token: &token, origin: &origin, now };
            match act {
                Act::Assign { username } => at.assign(conn, &username),
                Act::Activate { code } => {
                    at.with_holder(conn, holding, |at, conn, held| at.activate(conn, held, &code))
                }
                Act::Deactivate => at.with_holder(conn, holding, |at, conn, held| at.deactivate(conn, held)),
                Act::Lose if holding.is_none() => at.set_lost(conn, Some(now)),
                Act::Lose => at.with_holder(conn, holding, |at, conn, held| at.take_away(conn, held, What::Lost)),
                Act::MakeAvailable if holding.is_none() => at.set_lost(conn, None),
                Act::MakeAvailable => {
                    at.with_holder(conn, holding, |at, conn, held| at.take_away(conn, held, What::TakenBack))
                }
            }
        })
        .await?;
    core.outbox.notify_one();
    Ok(outcome)
}

/// One act on one token, inside its transaction.
struct At<'a> {
    core: &'a Core,
    actor: &'a Actor,
    organization: &'a Organization,
    token: &'a HardwareToken,
    origin: &'a Origin,
    now: Timestamp,
}

/// A token's factor and whose it is.
type Held<'a> = (&'a Holding, &'a User);

impl At<'_> {
    fn assign(&self, conn: &mut DbConnection, username: &str) -> Result<Outcome, Fault> {
        let name = users::fold(username);
        let people = memberships::members_called(conn, &self.organization.id, std::slice::from_ref(&name))?;
        let Some(user) = people.into_iter().find(|user| user.username_lower == name) else {
            return Ok(Outcome::Refused(Refusal::UnknownUser));
        };
        users::lock(conn, &user.id)?;
        if !may_act_on(conn, self.actor, &user)? {
            return Ok(Outcome::Refused(Refusal::HigherRole));
        }
        if user.account == Account::Disabled {
            return Ok(Outcome::Refused(Refusal::DisabledUser));
        }
        let token = self.token;
        let secret = self.core.keys.open(&secret_place(&token.id), &token.secret_key_id, &token.secret)?;
        let factor = factor_of(self.core, self.organization, token, &secret, &user, self.now)?;
        if !hardware_tokens::assign(conn, &token.id, &factor)? {
            return Ok(Outcome::Refused(Refusal::State));
        }
        self.tell(conn, &user, What::Assigned)
    }

    /// Goes on with the owner, whose other acts wait until this one is done.
    fn with_holder(
        &self,
        conn: &mut DbConnection,
        holding: Option<Holding>,
        go_on: impl FnOnce(&Self, &mut DbConnection, Held) -> Result<Outcome, Fault>,
    ) -> Result<Outcome, Fault> {
        let Some(holding) = holding else { return Ok(Outcome::Refused(Refusal::State)) };
        let Some(user) = users::lock(conn, &holding.user_id)? else { return Ok(Outcome::NotFound) };
        if !may_act_on(conn, self.actor, &user)? {
            return Ok(Outcome::Refused(Refusal::HigherRole));
        }
        go_on(self, conn, (&holding, &user))
    }

    fn activate(&self, conn: &mut DbConnection, (holding, user): Held, code: &str) -> Result<Outcome, Fault> {
        let waiting = [FactorState::Pending, FactorState::Deactivated, FactorState::SwitchedOff];
        let factor = factors::find(conn, &holding.factor_id)?.filter(|f| waiting.contains(&f.state));
        let Some(factor) = factor else { return Ok(Outcome::Refused(Refusal::State)) };
        let key = format!("token:{}", self.token.id);
        if let Some(until) = throttle::take(conn, &key, TOKEN_TRIES, TOKEN_TRIES_WITHIN, self.now)? {
            return Ok(Outcome::Refused(Refusal::TooMany { until }));
        }
        let refusal = match put_into_use(conn, self.core, &factor, code, &waiting, self.now)? {
            Tried::Activated => {
                throttles::give_back(conn, &key)?;
                // What was opened without it ends, but not the session of whoever does this to themselves.
                let own = self.origin.session_id.as_deref().filter(|_| self.is_own(user));
                sessions::delete_others(conn, &user.id, own.unwrap_or_default())?;
                remembered_browsers::delete_without_proof(conn, &user.id)?;
                return self.tell(conn, user, What::Activated);
            }
            Tried::Wrong => Refusal::Wrong,
            Tried::ClockOff { minutes } => Refusal::ClockOff { minutes },
        };
        self.note(conn, Some(user), (What::Activated, AuditResult::Failure))?;
        Ok(Outcome::Refused(refusal))
    }

    fn deactivate(&self, conn: &mut DbConnection, (holding, user): Held) -> Result<Outcome, Fault> {
        if self.is_own(user) {
            return Ok(Outcome::Refused(Refusal::Own));
        }
        if !hardware_tokens::deactivate(conn, &holding.factor_id)? {
            return Ok(Outcome::Refused(Refusal::State));
        }
        users::bump_epoch(conn, &user.id, self.now)?;
        self.tell(conn, user, What::Deactivated)
    }

    /// The factor goes; what it had opened ends with it.
    fn take_away(&self, conn: &mut DbConnection, (holding, user): Held, what: What) -> Result<Outcome, Fault> {
        let in_use = State::of(self.token, Some(holding)) == State::Active;
        if in_use && self.is_own(user) {
            return Ok(Outcome::Refused(Refusal::Own));
        }
        if !hardware_tokens::release(conn, &self.token.id, holding)? {
            return Ok(Outcome::Refused(Refusal::State));
        }
        if what == What::Lost {
            hardware_tokens::set_lost(conn, &self.token.id, Some(self.now))?;
        }
        if in_use {
            users::bump_epoch(conn, &user.id, self.now)?;
        }
        self.tell(conn, user, what)
    }

    fn set_lost(&self, conn: &mut DbConnection, lost_at: Option<Timestamp>) -> Result<Outcome, Fault> {
        if !hardware_tokens::set_lost(conn, &self.token.id, lost_at)? {
            return Ok(Outcome::Refused(Refusal::State));
        }
        let what = if lost_at.is_some() { What::Lost } else { What::TakenBack };
        self.note(conn, None, (what, AuditResult::Success))?;
        Ok(Outcome::Done)
    }

    fn is_own(&self, user: &User) -> bool {
        self.actor.user.id == user.id
    }

    fn note(&self, conn: &mut DbConnection, user: Option<&User>, what: (What, AuditResult)) -> Result<(), Fault> {
        let who = (self.organization, Some(self.actor));
        notices::note(conn, who, (self.token, user), what, self.origin, self.now)
    }

    fn tell(&self, conn: &mut DbConnection, user: &User, what: What) -> Result<Outcome, Fault> {
        let who = (self.organization, Some(self.actor));
        notices::tell(conn, self.core, who, (self.token, user), what, self.origin, self.now)?;
        Ok(Outcome::Done)
    }
}
