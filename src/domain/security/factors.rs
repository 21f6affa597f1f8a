//! Renaming and removing what one enrolled. The last factor stays while an organization requires one;
//! recovery codes go with the last other factor. ASVS 6.5.6.

use super::{hold, renew};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::called;
use crate::domain::enrollment::device_name::{self, NameProblem};
use crate::domain::second_step::notices::words;
use crate::domain::sessions::Opened;
use crate::domain::{Core, mfa, notices};
use crate::models::factors::{self, Factor};
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::sessions::Session;
use crate::models::users::User;
use crate::models::{
    AuditResult, FactorKind, FactorState, Scope, hardware_tokens, memberships, recovery_codes, session_proofs,
};
use crate::outbox::messages::FactorRemoved;

/// One of somebody's factors, and what removing it would mean.
pub struct Looked {
    pub factor: Factor,
    /// The organization whose demand it alone meets; then it stays.
    pub required_by: Option<String>,
    /// How many unused recovery codes would go with it.
    pub codes_that_go: i64,
    /// Nothing would be asked at sign-in but the password.
    pub is_last: bool,
    /// Nothing else was shown in this session, which goes on with another one alone.
    pub asks_next: bool,
    /// The organization that counts it for itself, where another one is the current one. It goes there alone,
    /// where that factor was shown: a user-level proof does not count for it.
    pub only_in: Option<String>,
}

/// `None` for one that is not this person's, as for one that does not exist.
pub async fn find(core: &Core, session: &Session, id: &str) -> Result<Option<Looked>, Fault> {
    let (session, id, now) = (session.clone(), id.to_owned(), core.clock.now());
    core.db.read(move |conn| look(conn, &session, &id, now)).await
}

fn look(conn: &mut DbConnection, session: &Session, id: &str, now: Timestamp) -> Result<Option<Looked>, Fault> {
    let user_id = &session.user_id;
    let all = factors::list(conn, user_id)?;
    let Some(factor) = all.iter().find(|f| f.id == id && f.state != FactorState::Pending).cloned() else {
        return Ok(None);
    };
    let rest: Vec<Factor> = all.iter().filter(|f| f.id != id).cloned().collect();
    let memberships = memberships::list_active(conn, user_id)?;
    let codes_that_go = if keeps_codes(&rest) { 0 } else { recovery_codes::count_unused(conn, user_id)? };
    Ok(Some(Looked {
        required_by: required_by(&memberships, &all, &rest, now),
        is_last: mfa::can_be_shown(&factor) && !rest.iter().any(mfa::can_be_shown),
        asks_next: session_proofs::list(conn, &session.id)?.iter().all(|p| p.factor_id.as_ref() == Some(&factor.id))
            && rest.iter().any(mfa::can_be_shown),
        only_in: only_in(conn, &factor, session)?,
        factor,
        codes_that_go,
    }))
}

fn only_in(conn: &mut DbConnection, factor: &Factor, session: &Session) -> Result<Option<String>, Fault> {
    Ok(match &factor.organization_id {
        // One that cannot be entered asks for nothing any more.
        Some(id) if session.organization_id.as_ref() != Some(id) => {
            let entered = memberships::list_active(conn, &session.user_id)?;
            entered.into_iter().find(|(_, o)| o.id == *id).map(|(_, o)| o.name)
        }
        _ => None,
    })
}

/// The first organization that would be left without the factor it demands.
fn required_by(
    memberships: &[(Membership, Organization)],
    before: &[Factor],
    after: &[Factor],
    now: Timestamp,
) -> Option<String> {
    memberships
        .iter()
        .find(|(membership, organization)| {
            mfa::is_enrolled(organization, before) && mfa::setup_required(organization, membership, after, now)
        })
        .map(|(_, organization)| organization.name.clone())
}

/// Whether recovery codes still stand for something: a factor that counts everywhere, switched off or not.
fn keeps_codes(rest: &[Factor]) -> bool {
    let counts = |f: &Factor| matches!(f.state, FactorState::Active | FactorState::SwitchedOff);
    rest.iter().any(|f| f.scope == Scope::User && counts(f))
}

/// What became of a new name.
pub enum Renamed {
    Done,
    NotFound,
    Name(NameProblem),
}

pub async fn rename(
    core: &Core,
    session: &Session,
    (id, name): (&str, &str),
    origin: &Origin,
) -> Result<Renamed, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    let (id, name) = (id.to_owned(), name.to_owned());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let user = hold(conn, &session)?;
            let (mine, others): (Vec<Factor>, Vec<Factor>) =
                factors::list(conn, &user.id)?.into_iter().partition(|f| f.id == id);
            let Some(factor) = mine.into_iter().find(|f| f.state != FactorState::Pending) else {
                return Ok(Renamed::NotFound);
            };
            let name = match device_name::check(&name, &others) {
                Ok(name) => name,
                Err(problem) => return Ok(Renamed::Name(problem)),
            };
            if !factors::rename(conn, &user.id, &id, &name)? {
                return Ok(Renamed::NotFound);
            }
            Entry::new("factor_renamed", AuditResult::Success)
                .of(&user.id)
                .in_organization(factor.organization_id.as_deref())
                .with("factor", factor.kind.as_str())
                .with("name", name.as_str())
                .with("before", factor.name.as_str())
                .write(conn, &origin, now)?;
            Ok(Renamed::Done)
        })
        .await
}

/// What became of **Remove**.
pub enum Removed {
    Done(Box<Opened>),
    NotFound,
    /// This organization requires it; another one has to be added first.
    Required {
        by: String,
    },
    /// It goes in this organization alone.
    Elsewhere {
        only_in: String,
    },
}

pub async fn remove(
    core: &Core,
    session: &Session,
    access: &Access,
    id: &str,
    origin: &Origin,
) -> Result<Removed, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (id, origin) = (id.to_owned(), origin.clone());
    let removed = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            // Two last factors removed at once would both look like one of two.
            let user = hold(conn, &session)?;
            let Some(looked) = look(conn, &session, &id, now)? else { return Ok(Removed::NotFound) };
            if let Some(only_in) = looked.only_in {
                return Ok(Removed::Elsewhere { only_in });
            }
            if let Some(by) = looked.required_by {
                Entry::new("factor_removed", AuditResult::Refused)
                    .of(&user.id)
                    .with("factor", looked.factor.kind.as_str())
                    .with("required_by", by.as_str())
                    .write(conn, &origin, now)?;
                return Ok(Removed::Required { by });
            }
            // Before the row goes: its own address is to be told too.
            let told = notices::addresses_of(conn, &user)?;
            if !take_away(conn, &user.id, &looked.factor)? {
                return Ok(Removed::NotFound);
            }
            if looked.codes_that_go > 0 {
                recovery_codes::delete_of_user(conn, &user.id)?;
            }
            session_proofs::delete_of_factor(conn, &session.id, &id)?;
            let factor = &looked.factor;
            Entry::new("factor_removed", AuditResult::Success)
                .of(&user.id)
                .in_organization(factor.organization_id.as_deref())
                .with("factor", factor.kind.as_str())
                .with("scope", factor.scope.as_str())
                .with("name", called(factor))
                .with("recovery_codes", looked.codes_that_go)
                .write(conn, &origin, now)?;
            tell(conn, core, (&user, &told), factor, &origin, now)?;
            renew(conn, &session, &access, now).map(|opened| Removed::Done(Box::new(opened)))
        })
        .await?;
    core.outbox.notify_one();
    Ok(removed)
}

/// A hardware token stays assigned, and can be put into use again with a code.
fn take_away(conn: &mut DbConnection, user_id: &str, factor: &Factor) -> Result<bool, Fault> {
    Ok(match factor.kind {
        FactorKind::HardwareToken => hardware_tokens::deactivate(conn, &factor.id)?,
        _ => factors::delete_of(conn, user_id, &factor.id)?,
    })
}

fn tell(
    conn: &mut DbConnection,
    core: &Core,
    (user, addresses): (&User, &[String]),
    factor: &Factor,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &_| {
        Box::new(FactorRemoved {
            factor: words(factor.kind).into(),
            name: called(factor).into(),
            asked: notices::asked(zone, origin, now),
        }) as _
    };
    notices::tell_at(conn, core, user, addresses, "factor_removed", message, now)
}
