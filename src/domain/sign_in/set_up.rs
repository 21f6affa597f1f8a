//! Set-up as a stage of signing in: an organization that demands a second step is entered only with
//! a factor that counts there. It follows a password in this session, never a remembered browser,
//! and never an authenticator that was switched off by the hard cap: or a hundred wrong guesses would
//! open the door to a new one. SPEC section 6.

use super::step_up::counts_for_account;
use super::{Device, Passed, finish, to_terms};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::{Access, page_of};
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::Enrollee;
use crate::domain::enrollment::authenticator;
use crate::domain::limits::FRESH;
use crate::domain::registration::terms;
use crate::domain::second_step::ways;
use crate::domain::sessions::{Change, follow};
use crate::domain::{Core, mfa, safelist};
use crate::models::factors::{self, Factor};
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::session_proofs::{self, SessionProof};
use crate::models::sessions::{self, Session};
use crate::models::users::{self, User};
use crate::models::{AuditResult, FactorKind, Stage, remembered_browsers};

/// What entering an organization takes, apart from what was shown already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    Nothing,
    SetUp,
    /// Set-up, and first the password: the browser was remembered, or it was given long ago.
    Password,
    /// Set-up must not be led to: an authenticator was switched off, and nothing else was shown.
    Barred,
    /// What was shown in this session does not count there: another factor has to be shown.
    OwnFactor,
    /// Its safelist leaves the present address out.
    Outside,
}

/// What this organization demands of this session, in the order of SPEC section 2: its safelist, a
/// proof that counts there, set-up. Without one, whether the account itself wants set-up.
pub fn demand<'a>(
    conn: &mut DbConnection,
    session: &Session,
    access: &Access,
    organization: impl Into<Option<&'a Organization>>,
    address: &str,
    now: Timestamp,
) -> Result<Demand, Fault> {
    let Some(organization) = organization.into() else { return demand_nowhere(conn, session, access, now) };
    let Some((membership, _)) = access.memberships.iter().find(|(_, o)| o.id == organization.id) else {
        return Err(Fault::Other("an organization that is none of this person's".into()));
    };
    if !safelist::admits_in(conn, &organization.id, address)? {
        return Ok(Demand::Outside);
    }
    if session.domain_sign_in_id.is_some() && !organization.names_domain() {
        // Another organization's provider opens nothing here.
        return Ok(Demand::Password);
    }
    let proofs = session_proofs::list(conn, &session.id)?;
    let counting = || proofs.iter().filter(|proof| mfa::proof_counts(organization, membership, proof));
    let shown = counting().next().is_some();
    if shown && !mfa::demands_mfa(organization) {
        return Ok(Demand::Nothing);
    }
    if !access.user.set_up_demanded && counting().any(|proof| proof.kind == FactorKind::Domain) {
        // The provider has asked for a second factor, and answers for it.
        return Ok(Demand::Nothing);
    }
    let factors = factors::list(conn, &access.user.id)?;
    if !required(&access.user, membership, organization, &factors, now) {
        // What is enrolled and counts here is asked, also where nothing is required.
        let lacks = mfa::is_enrolled(organization, &factors) && !shown && !is_remembered(conn, session, organization)?;
        Ok(if lacks { Demand::OwnFactor } else { Demand::Nothing })
    } else if proofs.is_empty() && mfa::has_switched_off(organization, &factors) {
        Ok(Demand::Barred)
    } else if owes_user_level(conn, session, access, &proofs, now)? {
        Ok(Demand::OwnFactor)
    } else {
        Ok(set_up_or_password(session, &proofs, now))
    }
}

/// What is set up may count everywhere: who has a factor that guards another organization shows it first, and
/// not one that a single organization counts.
fn owes_user_level(
    conn: &mut DbConnection,
    session: &Session,
    access: &Access,
    proofs: &[SessionProof],
    now: Timestamp,
) -> Result<bool, Fault> {
    let memberships = &access.memberships;
    if memberships.len() < 2 || !ways::find(conn, &access.user.id, memberships, now)?.count_beyond_one(memberships) {
        return Ok(false);
    }
    Ok(!proofs.iter().any(|proof| counts_for_account(proof, session, access, true)))
}

/// Operators need not belong anywhere, and still set up again after a reset of their own.
fn demand_nowhere(
    conn: &mut DbConnection,
    session: &Session,
    access: &Access,
    now: Timestamp,
) -> Result<Demand, Fault> {
    if !is_due_anywhere(conn, &access.user)? {
        return Ok(Demand::Nothing);
    }
    let proofs = session_proofs::list(conn, &session.id)?;
    Ok(set_up_or_password(session, &proofs, now))
}

/// Set-up follows a password in this session, given not long ago.
fn set_up_or_password(session: &Session, proofs: &[SessionProof], now: Timestamp) -> Demand {
    let long_ago = session.stage == Stage::SignedIn && !is_fresh(session, proofs, now);
    if session.remembered_browser_id.is_some() || long_ago { Demand::Password } else { Demand::SetUp }
}

/// Whether the browser was remembered after a factor of the user's that counts here. An organization
/// that wants its own is opened by that alone.
fn is_remembered(conn: &mut DbConnection, session: &Session, organization: &Organization) -> Result<bool, Fault> {
    let Some(id) = session.remembered_browser_id.as_ref().filter(|_| !organization.org_level_mfa) else {
        return Ok(false);
    };
    let shown_then = remembered_browsers::find(conn, id)?.and_then(|entry| entry.proof_kind);
    Ok(shown_then.is_some_and(|kind| organization.allows(kind)))
}

/// Whether a factor has to be set up: the organization demands one that counts there, or somebody has
/// reset their own factors and has none at all since.
fn required(
    user: &User,
    membership: &Membership,
    organization: &Organization,
    factors: &[Factor],
    now: Timestamp,
) -> bool {
    mfa::setup_required(organization, membership, factors, now) || has_none_since_reset(user, factors)
}

fn has_none_since_reset(user: &User, factors: &[Factor]) -> bool {
    user.set_up_demanded && !factors.iter().any(mfa::can_be_shown)
}

/// Whether somebody has to set up wherever the sign-in leads, and if it leads into no organization.
fn is_due_anywhere(conn: &mut DbConnection, user: &User) -> Result<bool, Fault> {
    Ok(user.set_up_demanded && has_none_since_reset(user, &factors::list(conn, &user.id)?))
}

/// Whether this membership lacks a factor that is demanded.
pub fn is_due(
    conn: &mut DbConnection,
    user: &User,
    membership: &Membership,
    organization: &Organization,
    now: Timestamp,
) -> Result<bool, Fault> {
    if !mfa::demands_mfa(organization) && !user.set_up_demanded {
        return Ok(false);
    }
    let factors = factors::list(conn, &user.id)?;
    Ok(required(user, membership, organization, &factors, now))
}

/// The same for somebody who has nothing to choose: the one organization is entered at once. For others,
/// whether they lack a factor wherever they go.
pub fn is_due_at_once(
    conn: &mut DbConnection,
    user: &User,
    memberships: &[(Membership, Organization)],
    now: Timestamp,
) -> Result<bool, Fault> {
    match memberships {
        [(membership, organization)] => is_due(conn, user, membership, organization, now),
        _ => is_due_anywhere(conn, user),
    }
}

/// Whether a right password alone would lead somebody to set-up whose authenticator was switched off.
pub fn is_barred_at_once(
    conn: &mut DbConnection,
    user: &User,
    memberships: &[(Membership, Organization)],
    now: Timestamp,
) -> Result<bool, Fault> {
    let [(membership, organization)] = memberships else { return Ok(false) };
    let factors = factors::list(conn, &user.id)?;
    Ok(is_due(conn, user, membership, organization, now)? && mfa::has_switched_off(organization, &factors))
}

/// Password or factor shown within the last minutes, by the person and not by what a browser keeps.
fn is_fresh(session: &Session, proofs: &[SessionProof], now: Timestamp) -> bool {
    let password = session.password_at.filter(|_| session.remembered_browser_id.is_none());
    let factor = proofs.iter().map(|proof| proof.proved_at);
    password.into_iter().chain(factor).any(|at| now < at + FRESH)
}

/// Leads a sign-in, or a switch, to set-up. The organization waits, if there is one: nothing of it is
/// open yet.
pub(super) fn lead<'a>(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    organization: impl Into<Option<&'a Organization>>,
    origin: &Origin,
) -> Result<Passed, Fault> {
    let (organization, now) = (organization.into(), core.clock.now());
    let session = Session {
        // Who switches has been given a ticket already, if one was wanted.
        remember: session.remember && session.stage != Stage::SignedIn,
        return_to: session.return_to.clone().filter(|path| path != page_of(Stage::SetUp)),
        ..session.clone()
    };
    let change = Change { stage: Stage::SetUp, organization, not_after: None, remembered_browser_id: None };
    let opened = follow(conn, &session, change, now)?;
    Entry::new("set_up_demanded", AuditResult::Success)
        .of(&access.user.id)
        .in_organization(organization.map(|o| o.id.as_str()))
        .write(conn, origin, now)?;
    if organization.is_none_or(|o| o.allows(FactorKind::Authenticator)) {
        let who = Enrollee { user: &access.user, session_id: &opened.session.id, organization };
        authenticator::begin(conn, core, who, now)?;
    }
    Ok(Passed { opened, ticket: None })
}

/// How somebody stands who opens the set-up page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something may be set up.
    Open,
    /// It has been, in this session; the sign-in waits to go on.
    Saved,
    /// There is a factor already: My security looks after those.
    Enrolled,
    /// The password is to be given first.
    WantsPassword,
    /// A factor that guards another organization is to be shown first.
    WantsFactor,
    /// An authenticator was switched off, and nothing else was shown: an administrator has to help.
    Barred,
    /// The organization that was to be entered is not there any more.
    Nowhere,
}

/// Works out how a session at set-up, or a signed-in one, stands.
pub async fn standing(core: &Core, session: &Session, access: &Access, address: &str) -> Result<Standing, Fault> {
    let (session, access, now) = (session.clone(), access.clone(), core.clock.now());
    let address = address.to_owned();
    core.db
        .read(move |conn| {
            let current = access.current(&session);
            if session.stage == Stage::SetUp {
                if current.is_none() && session.organization_id.is_some() {
                    return Ok(Standing::Nowhere);
                }
                let organization = current.map(|(_, o)| o);
                return Ok(match demand(conn, &session, &access, organization, &address, now)? {
                    Demand::Nothing => Standing::Saved,
                    Demand::Barred | Demand::OwnFactor | Demand::Outside => Standing::Barred,
                    Demand::SetUp | Demand::Password => Standing::Open,
                });
            }
            let factors = factors::list(conn, &access.user.id)?;
            let proofs = session_proofs::list(conn, &session.id)?;
            let counts = |f: &Factor| current.is_none_or(|(_, o)| mfa::counts_for(o, f));
            if factors.iter().any(|f| mfa::can_be_shown(f) && counts(f)) {
                let just = factors.iter().any(|f| was_added_here(f, &proofs));
                return Ok(if just { Standing::Saved } else { Standing::Enrolled });
            }
            if proofs.is_empty() && current.is_some_and(|(_, o)| mfa::has_switched_off(o, &factors)) {
                return Ok(Standing::Barred);
            }
            let begun =
                factors::find_pending(conn, &access.user.id, &session.id, FactorKind::Authenticator, now)?.is_some();
            // Who has another factor, which does not count here, shows it first.
            let skipped = proofs.is_empty() && !ways::find(conn, &access.user.id, &access.memberships, now)?.is_empty();
            if !proofs.is_empty() && owes_user_level(conn, &session, &access, &proofs, now)? {
                return Ok(Standing::WantsFactor);
            }
            let fresh = is_fresh(&session, &proofs, now) && !skipped;
            Ok(if begun || fresh { Standing::Open } else { Standing::WantsPassword })
        })
        .await
}

/// The moment a factor was confirmed is the moment it was first shown.
pub fn was_added_here(factor: &Factor, proofs: &[SessionProof]) -> bool {
    let shown = |p: &SessionProof| p.factor_id.as_ref() == Some(&factor.id) && Some(p.proved_at) == factor.confirmed_at;
    proofs.iter().any(shown)
}

/// **Continue**: the sign-in goes on with what was set up; a session that was signed in before goes
/// on under a new id, because it is worth more now (ASVS 7.2.4). `None` when set-up is still due, or
/// a second click comes late.
pub async fn go_on(
    core: &Core,
    session: &Session,
    access: &Access,
    device: Device,
    origin: &Origin,
) -> Result<Option<Passed>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            users::lock(conn, &access.user.id)?;
            if session.stage != Stage::SetUp {
                return stay(conn, &session, &access, now);
            }
            let organization = access.current(&session).map(|(_, o)| o);
            // Left while something was set up: the choice says where else to go.
            let left = organization.is_none() && session.organization_id.is_some();
            let there = !left && sessions::find(conn, &session.id)?.is_some();
            if !there || demand(conn, &session, &access, organization, &origin.address, now)? != Demand::Nothing {
                return Ok(None);
            }
            if terms::are_due(core, &access.user) {
                return to_terms(conn, &session, now).map(Some);
            }
            finish(conn, core, &session, &access, organization, &device, &origin).map(Some)
        })
        .await
}

fn stay(conn: &mut DbConnection, session: &Session, access: &Access, now: Timestamp) -> Result<Option<Passed>, Fault> {
    if session.stage != Stage::SignedIn || sessions::find(conn, &session.id)?.is_none() {
        return Ok(None);
    }
    let organization = access.current(session).map(|(_, o)| o);
    let session = Session { return_to: None, ..session.clone() };
    let change = Change { stage: Stage::SignedIn, organization, not_after: None, remembered_browser_id: None };
    Ok(Some(Passed { opened: follow(conn, &session, change, now)?, ticket: None }))
}
