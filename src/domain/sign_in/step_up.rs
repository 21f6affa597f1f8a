//! Showing a factor again: before an act that wants it fresh, before the console opens, and on the
//! way into an organization that counts none of those shown. The session waits meanwhile and opens
//! nothing; **Cancel** gives it back as it was. ASVS 7.2.4, 7.5.1, 8.4.2.

use super::organization::switch;
use super::set_up::{self, Demand};
use super::{Device, Passed, finish};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::FRESH;
use crate::domain::remember_me;
use crate::domain::second_step::ways;
use crate::domain::sessions::{Change, Opened, follow};
use crate::domain::{Core, mfa};
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::session_proofs::{self, SessionProof};
use crate::models::sessions::{self, Session};
use crate::models::{AuditResult, FactorKind, Scope, Stage, factors, remembered_browsers};

/// What has to be shown before somebody changes how their own account is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub password: bool,
    pub factor: bool,
    /// The factor that the current organization wants for itself.
    pub own: bool,
}

impl Wanted {
    pub fn nothing(self) -> bool {
        self == Self::default()
    }
}

/// A factor shown within the last minutes, and a password given in this session; for somebody without
/// a factor the password within the last minutes. Where the current organization wants its own factor,
/// that one too. ASVS 7.5.1.
pub async fn wanted(core: &Core, session: &Session, access: &Access) -> Result<Wanted, Fault> {
    let (context, session, access, now) = (core.clone(), session.clone(), access.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let recent = |at: Timestamp| now < at + FRESH;
            let ways = ways::find(conn, &access.user.id, &access.memberships, now)?;
            let mut proofs = session_proofs::list(conn, &session.id)?;
            proofs.retain(|proof| recent(proof.proved_at));
            let empty = ways.is_empty();
            let user_level = ways.within_reach(&context.settings).count_beyond_one(&access.memberships);
            let shown = proofs.iter().any(|proof| counts_for_account(proof, &session, &access, user_level));
            if empty && !shown {
                return Ok(Wanted { password: !session.password_at.is_some_and(recent), ..Wanted::default() });
            }
            let own = access.current(&session).filter(|(_, o)| o.org_level_mfa);
            let lacks_own = match own {
                Some((m, o)) if !proofs.iter().any(|proof| mfa::proof_counts(o, m, proof)) => {
                    mfa::is_enrolled(o, &factors::list(conn, &access.user.id)?)
                }
                _ => false,
            };
            Ok(Wanted { password: session.password_at.is_none(), factor: !shown, own: lacks_own })
        })
        .await
}

/// Whether a proof opens a change of the account itself. What counts for one organization, its own factor or
/// its provider's word, does so only where somebody belongs nowhere else, or has no user-level factor that counts anywhere.
pub(super) fn counts_for_account(proof: &SessionProof, session: &Session, access: &Access, user_level: bool) -> bool {
    let domain = proof.kind == FactorKind::Domain;
    let counts = |(m, o): &(Membership, Organization)| mfa::proof_counts(o, m, proof);
    if proof.scope == Scope::User && !domain {
        true
    } else if user_level {
        !access.memberships.is_empty() && access.memberships.iter().all(counts)
    } else if domain {
        access.current(session).is_some_and(counts)
    } else {
        access.memberships.iter().any(|(_, o)| proof.organization_id.as_ref() == Some(&o.id))
    }
}

/// Why a session that is signed in has to show a factor before it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lack {
    /// The organization wants its own.
    #[default]
    Own,
    /// What was shown does not count there.
    NotCounted,
    /// Nothing that was shown is left: it was removed, or there was nothing to show yet.
    NothingShown,
    /// The session came from a browser that is no longer remembered.
    Forgotten,
}

/// What this session lacks where it is.
pub async fn lack(core: &Core, session: &Session, organization: Option<&Organization>) -> Result<Lack, Fault> {
    if organization.is_some_and(|o| o.org_level_mfa) {
        return Ok(Lack::Own);
    }
    let session = session.clone();
    core.db
        .read(move |conn| {
            if !session_proofs::list(conn, &session.id)?.is_empty() {
                return Ok(Lack::NotCounted);
            }
            Ok(match &session.remembered_browser_id {
                Some(id) if remembered_browsers::find(conn, id)?.is_some() => Lack::NotCounted,
                Some(_) => Lack::Forgotten,
                None => Lack::NothingShown,
            })
        })
        .await
}

/// Has this session show a factor, then go on to `return_to`. `Fault::Ended` when it moved on meanwhile.
pub async fn begin(core: &Core, session: &Session, return_to: &str) -> Result<(), Fault> {
    let (session, return_to) = (session.clone(), return_to.to_owned());
    core.db.write(move |conn| ask(conn, &session, None, Some(&return_to))).await
}

/// Has this session show a factor that counts in its current organization, which began to want one.
pub async fn begin_again(core: &Core, session: &Session, return_to: &str) -> Result<(), Fault> {
    let (session, return_to) = (session.clone(), return_to.to_owned());
    core.db.write(move |conn| ask(conn, &session, session.organization_id.as_deref(), Some(&return_to))).await
}

/// The same within a transaction, on the way into an organization or not.
pub(super) fn ask(
    conn: &mut DbConnection,
    session: &Session,
    entering: Option<&str>,
    return_to: Option<&str>,
) -> Result<(), Fault> {
    match sessions::begin_step_up(conn, &session.id, session.stage, entering, return_to)? {
        true => Ok(()),
        false => Err(Fault::Ended),
    }
}

/// Gives the session back as it was; the stage it is at again.
pub async fn cancel(core: &Core, session: &Session) -> Result<Stage, Fault> {
    let (session, back_to) = (session.clone(), session.resume_stage.unwrap_or(Stage::SignedIn));
    core.db.write(move |conn| Ok(sessions::cancel_step_up(conn, &session.id, back_to).map(|_| back_to)?)).await
}

/// The password was given again: the session goes on under a new id.
pub async fn password_shown(core: &Core, session: &Session, access: &Access, origin: &Origin) -> Result<Opened, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let session = Session { password_at: Some(now), ..session };
            let opened = stay(conn, &session, &access, now)?;
            Entry::new("password_confirmed", AuditResult::Success).of(&session.user_id).write(conn, &origin, now)?;
            Ok(opened)
        })
        .await
}

/// The same organization and the same end, under a new id.
pub fn stay(conn: &mut DbConnection, session: &Session, access: &Access, now: Timestamp) -> Result<Opened, Fault> {
    let not_after = remember_me::end_of(conn, session)?;
    let organization = access.current(session).map(|(_, o)| o);
    follow(conn, session, Change { stage: Stage::SignedIn, organization, not_after, remembered_browser_id: None }, now)
}

/// The factor was shown: back to where the session came from, or into the organization.
pub(super) fn resume(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    device: &Device,
    origin: &Origin,
) -> Result<Passed, Fault> {
    let now = core.clock.now();
    let stage = session.resume_stage.unwrap_or(Stage::SignedIn);
    let entering = session.entering_organization_id.as_ref();
    let back = Session { stage, resume_stage: None, entering_organization_id: None, ..session.clone() };
    Entry::new("step_up", AuditResult::Success)
        .of(&access.user.id)
        .in_organization(entering.or(session.organization_id.as_ref()).map(String::as_str))
        .write(conn, origin, now)?;
    let Some(id) = entering else {
        let mut opened = stay(conn, &back, access, now)?;
        // Only for the answer to this request.
        opened.session.return_to = session.return_to.clone();
        return Ok(Passed { opened, ticket: None });
    };
    let found = access.memberships.iter().find(|(_, o)| o.id == *id);
    let Some((_, organization)) = found else { return again(conn, &back, access, now) };
    match set_up::demand(conn, &back, access, organization, &origin.address, now)? {
        Demand::Nothing if session.organization_id.as_ref() == Some(id) => {
            let mut opened = stay(conn, &back, access, now)?;
            opened.session.return_to = session.return_to.clone();
            Ok(Passed { opened, ticket: None })
        }
        Demand::Nothing if stage == Stage::SignedIn => switch(conn, &back, organization, origin, now),
        Demand::Nothing => finish(conn, core, &back, access, Some(organization), device, origin),
        Demand::SetUp => set_up::lead(conn, core, &back, access, organization, origin),
        // Left, or changed, while the factor was shown: the choice says what it wants now.
        Demand::Password | Demand::Barred | Demand::OwnFactor | Demand::Outside => again(conn, &back, access, now),
    }
}

/// Back to the choice; whoever was signed in already stays where they were, since a choice made on the way in begins
/// a session's time anew. ASVS 7.3.2.
fn again(conn: &mut DbConnection, back: &Session, access: &Access, now: Timestamp) -> Result<Passed, Fault> {
    if back.stage == Stage::SignedIn {
        return Ok(Passed { opened: stay(conn, back, access, now)?, ticket: None });
    }
    let change =
        Change { stage: Stage::Organization, organization: None, not_after: None, remembered_browser_id: None };
    Ok(Passed { opened: follow(conn, back, change, now)?, ticket: None })
}
