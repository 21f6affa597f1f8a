//! **Hardware Tokens**: what an organization has, who has which, and how each stands.
//!
//! There is one truth. The inventory's row says what a token is, and names the factor it has become;
//! the factor says whose it is (`factors.user_id`) and how it stands (`factors.state`). A row without a
//! factor is available, or lost where it says so. Whoever resets somebody sets the factor to
//! `deactivated` and is done; whoever deletes it leaves the token available.

pub mod acts;
pub mod export;
pub mod file;
pub mod import;
mod notices;

use std::collections::HashMap;

use super::Core;
use super::administration::Actor;
use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::second_step::totp::{self, Seen};
use crate::models::factors::Factor;
use crate::models::hardware_tokens::{self, HardwareToken, Holding, Standing};
use crate::models::organizations::Organization;
use crate::models::users::{self, User};
use crate::models::{FactorKind, FactorState, Role, Scope, memberships, new_id};

const PER_PAGE: i64 = 50;

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Available,
    /// Somebody's, and not yet in use.
    Assigned,
    Active,
    /// Somebody's, and taken out of use: by an administrator, by a reset, or after too many wrong codes.
    Deactivated,
    Lost,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Available, Self::Assigned, Self::Active, Self::Deactivated, Self::Lost];

    /// The word in URLs and exports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Assigned => "assigned",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Lost => "lost",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    fn standing(self) -> Standing {
        match self {
            Self::Available => Standing::Free,
            Self::Assigned => Standing::Held(&[FactorState::Pending]),
            Self::Active => Standing::Held(&[FactorState::Active]),
            Self::Deactivated => Standing::Held(&[FactorState::Deactivated, FactorState::SwitchedOff]),
            Self::Lost => Standing::Lost,
        }
    }

    fn of(token: &HardwareToken, holding: Option<&Holding>) -> Self {
        match holding.map(|h| h.state) {
            Some(FactorState::Pending) => Self::Assigned,
            Some(FactorState::Active) => Self::Active,
            Some(FactorState::Deactivated | FactorState::SwitchedOff) => Self::Deactivated,
            None if token.lost_at.is_some() => Self::Lost,
            None => Self::Available,
        }
    }
}

/// A token as the console shows it.
pub struct Shown {
    pub token: HardwareToken,
    pub state: State,
    /// When its codes last opened something.
    pub last_used_at: Option<Timestamp>,
    pub holder: Option<User>,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// What the serial number begins with, case apart.
    pub serial: String,
    pub state: Option<State>,
    /// The serial number the page begins behind.
    pub after: String,
}

/// One page of tokens.
pub struct Page {
    pub tokens: Vec<Shown>,
    /// The serial number the next page begins behind.
    pub next: Option<String>,
}

/// The tokens of an organization, by serial number.
pub async fn list(core: &Core, organization_id: &str, query: Query) -> Result<Page, Fault> {
    let organization_id = organization_id.to_owned();
    core.db.read(move |conn| page(conn, &organization_id, &query, PER_PAGE)).await
}

fn page(conn: &mut DbConnection, organization_id: &str, query: &Query, size: i64) -> Result<Page, Fault> {
    let filter = (users::fold(&query.serial), query.state.map(State::standing));
    let filter = (filter.0.as_str(), filter.1);
    // One more than is shown tells whether there is another page.
    let mut rows = hardware_tokens::list(conn, organization_id, filter, &users::fold(&query.after), size + 1)?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|(token, _)| token.serial.clone());
    let ids: Vec<String> = rows.iter().filter_map(|(_, holding)| Some(holding.as_ref()?.user_id.clone())).collect();
    let people: HashMap<String, User> =
        users::of_ids(conn, &ids)?.into_iter().map(|user| (user.id.clone(), user)).collect();
    let tokens = rows
        .into_iter()
        .map(|(token, holding)| Shown {
            state: State::of(&token, holding.as_ref()),
            last_used_at: holding.as_ref().and_then(|h| h.last_used_at),
            holder: holding.and_then(|h| people.get(&h.user_id).cloned()),
            token,
        })
        .collect();
    Ok(Page { tokens, next })
}

/// One token of an organization; another's is not found.
pub async fn find(core: &Core, organization_id: &str, id: &str) -> Result<Option<Shown>, Fault> {
    let (organization_id, id) = (organization_id.to_owned(), id.to_owned());
    core.db
        .read(move |conn| {
            let Some((token, holding)) = hardware_tokens::find(conn, &organization_id, &id)? else { return Ok(None) };
            let holder = match &holding {
                Some(holding) => users::find(conn, &holding.user_id)?,
                None => None,
            };
            let last_used_at = holding.as_ref().and_then(|h| h.last_used_at);
            Ok(Some(Shown { state: State::of(&token, holding.as_ref()), token, last_used_at, holder }))
        })
        .await
}

/// What became of a code that is to put a token into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Activated,
    Wrong,
    /// Right for a time so many minutes from now; counted as wrong.
    ClockOff {
        minutes: i64,
    },
}

/// Puts an assigned token into use with a code from it, which is used up with that: of fifty posts at
/// once one wins. Administrators and the token's owner come here alike; `from` says which states each
/// may end. Counting tries and telling people is theirs.
pub fn put_into_use(
    conn: &mut DbConnection,
    core: &Core,
    factor: &Factor,
    code: &str,
    from: &[FactorState],
    now: Timestamp,
) -> Result<Tried, Fault> {
    Ok(match totp::look(core, factor, &totp::digits(code), unix(now))? {
        Seen::Step(step) if hardware_tokens::activate(conn, &factor.id, from, step, now)? => Tried::Activated,
        Seen::Off { minutes } => Tried::ClockOff { minutes },
        _ => Tried::Wrong,
    })
}

/// Whether an administrator may act on somebody's token: nobody's whose role, anywhere, is higher than
/// their own here.
fn may_act_on(conn: &mut DbConnection, actor: &Actor, user: &User) -> Result<bool, Fault> {
    if actor.is_operator() || actor.user.id == user.id {
        return Ok(true);
    }
    let highest = memberships::list_active(conn, &user.id)?.into_iter().map(|(m, _)| m.role).max();
    Ok(!user.operator && highest.unwrap_or(Role::Member) <= actor.role.unwrap_or(Role::Member))
}

/// The factor that a token becomes when it is assigned; it waits for its first code. It counts for the
/// whole account where the organization manages that and takes such factors, and otherwise for the
/// organization alone.
fn factor_of(
    core: &Core,
    organization: &Organization,
    token: &HardwareToken,
    secret: &[u8],
    user: &User,
    now: Timestamp,
) -> Result<Factor, Fault> {
    let id = new_id(now);
    let sealed = core.keys.seal(&crate::models::factors::secret_place(&id), secret)?;
    let managed_here = user.managing_organization_id.as_ref() == Some(&organization.id);
    let own = organization.org_level_mfa || !managed_here;
    Ok(Factor {
        id,
        user_id: user.id.clone(),
        kind: FactorKind::HardwareToken,
        scope: if own { Scope::Organization } else { Scope::User },
        organization_id: own.then(|| organization.id.clone()),
        name: token.serial.clone(),
        state: FactorState::Pending,
        phone: None,
        email: None,
        secret: Some(sealed.bytes),
        secret_key_id: Some(sealed.key_id),
        algorithm: token.algorithm.clone(),
        digits: 6,
        period: token.period,
        last_step: token.last_step,
        serial: Some(token.serial.clone()),
        failed_in_row: 0,
        created_at: now,
        confirmed_at: None,
        last_used_at: None,
        pending_session_id: None,
        pending_until: None,
    })
}
