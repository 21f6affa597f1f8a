//! Whether a session opens anything: worked out at each request from what the database says now,
//! never from what was true at sign-in. The one place that decides "signed in". ASVS 6.3.4, 8.3.2.

use std::sync::Arc;

use super::sessions::note_use;
use super::sign_in::set_up::{self, Demand};
use super::times::Zone;
use super::{Core, domain_account, remember_me, safelist};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::memberships::{self, Membership};
use crate::models::organizations::Organization;
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{Account, Role, Stage};

/// Somebody with a session that counts, and where they belong.
#[derive(Clone)]
pub struct Access {
    pub user: User,
    /// Active memberships, oldest first.
    pub memberships: Vec<(Membership, Organization)>,
    /// What the current organization wants before it shows anything.
    pub due: Due,
}

/// What stands between a live session and its current organization, because something changed since
/// the session was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    #[default]
    Nothing,
    /// Nothing that counts there is set up: it began to demand it, a grace or an exemption ended, or it
    /// does not allow that method any more.
    SetUp,
    /// Something is, and was not shown in this session.
    Factor,
    /// Its safelist leaves the present address out.
    Outside,
}

/// A live session, and whom it belongs to.
#[derive(Clone)]
pub struct Present {
    pub session: Session,
    /// `None` when the account no longer takes it: disabled, or everything was ended since (an older epoch).
    pub access: Option<Arc<Access>>,
}

/// The live session of a cookie, found by the SHA-256 of its id, and what it may open at this address. `None`
/// for one that is unknown, ended, idle too long or too old: the clock decides, not the cookie. One read for
/// all of it, since every request with a cookie pays for this. ASVS 7.3.1, 7.3.2.
pub async fn present(core: &Core, token_hash: Vec<u8>, address: &str) -> Result<Option<Present>, Fault> {
    let found = present_and(core, token_hash, address, |_, _, _| Ok(())).await?;
    Ok(found.map(|(present, ())| present))
}

/// The same, and in the same read what a page shows of it: a second read would be a second way to another
/// thread and back.
pub async fn present_and<T: Send + 'static>(
    core: &Core,
    token_hash: Vec<u8>,
    address: &str,
    more: impl FnOnce(&mut DbConnection, &Present, Timestamp) -> Result<T, Fault> + Send + 'static,
) -> Result<Option<(Present, T)>, Fault> {
    let (address, now) = (address.to_owned(), core.clock.now());
    let found = core
        .db
        .read(move |conn| {
            let found = sessions::find_by_token(conn, &token_hash)?.filter(|(session, _)| session.is_live(now));
            let Some((session, user)) = found else { return Ok::<_, Fault>(None) };
            let access = of_session(conn, &session, user, &address, now)?.map(Arc::new);
            let present = Present { session, access };
            let more = more(conn, &present, now)?;
            Ok(Some((present, more)))
        })
        .await?;
    let Some((present, more)) = found else { return Ok(None) };
    Ok(note_use(core, &present.session).await?.then_some((present, more)))
}

fn of_session(
    conn: &mut DbConnection,
    session: &Session,
    user: User,
    address: &str,
    now: Timestamp,
) -> Result<Option<Access>, Fault> {
    if !opens(user.account, session.stage) || user.mfa_epoch != session.mfa_epoch {
        return Ok(None);
    }
    let memberships = memberships::list_active(conn, &user.id)?;
    let access = Access::of(user, memberships);
    if remember_me::is_void(&access, session) || domain_account::is_void(&access, session) {
        return Ok(None);
    }
    let due = due(conn, &access, session, address, now)?;
    Ok(Some(Access { due, ..access }))
}

/// What the organization a session is in, or is setting something up for, wants of it now.
fn due(
    conn: &mut DbConnection,
    access: &Access,
    session: &Session,
    address: &str,
    now: Timestamp,
) -> Result<Due, Fault> {
    let organization = access.current(session).map(|(_, o)| o);
    if session.stage != Stage::SignedIn {
        let Some(organization) = organization else { return Ok(Due::Nothing) };
        let admitted = safelist::admits_in(conn, &organization.id, address)?;
        return Ok(if admitted { Due::Nothing } else { Due::Outside });
    }
    Ok(match set_up::demand(conn, session, access, organization, address, now)? {
        Demand::Nothing => Due::Nothing,
        Demand::SetUp | Demand::Password | Demand::Barred => Due::SetUp,
        Demand::OwnFactor => Due::Factor,
        Demand::Outside => Due::Outside,
    })
}

/// Whether an account takes a session at this stage: one that is not finished only on the way to its end.
fn opens(account: Account, stage: Stage) -> bool {
    match account {
        Account::Active => true,
        Account::Unfinished => matches!(stage, Stage::Registration | Stage::Terms),
        Account::Disabled | Account::Invited => false,
    }
}

/// Where somebody at this stage of signing in goes on.
pub fn page_of(stage: Stage) -> &'static str {
    match stage {
        Stage::SecondStep | Stage::PasswordReset | Stage::StepUp => "/login/verify",
        Stage::NewPassword => "/forgot-password/new-password",
        Stage::EmailVerified => "/login/verify/email",
        Stage::Registration => "/register/factor",
        Stage::Terms => "/terms",
        Stage::SetUp => "/security/setup",
        Stage::Organization => "/login/organization",
        Stage::SignedIn => "/home",
    }
}

/// A role as pages say it.
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "Account Holder",
        Role::Admin => "Administrator",
        Role::Member => "Member",
    }
}

impl Access {
    pub fn of(user: User, memberships: Vec<(Membership, Organization)>) -> Self {
        Self { user, memberships, due: Due::Nothing }
    }

    /// The membership in the session's current organization.
    pub fn current(&self, session: &Session) -> Option<&(Membership, Organization)> {
        let id = session.organization_id.as_deref()?;
        self.memberships.iter().find(|(_, o)| o.id == id)
    }

    /// The organization that manages the account, or else the oldest membership.
    pub fn managing(&self) -> Option<&Organization> {
        let id = self.user.managing_organization_id.as_deref();
        self.memberships
            .iter()
            .map(|(_, o)| o)
            .find(|o| Some(o.id.as_str()) == id)
            .or_else(|| self.memberships.first().map(|(_, o)| o))
    }

    /// Whether Administration is shown.
    pub fn administers(&self, session: &Session) -> bool {
        self.user.operator || self.current(session).is_some_and(|(m, _)| m.role >= Role::Admin)
    }

    /// The role as the profile menu says it.
    pub fn role_words(&self, session: &Session) -> &'static str {
        match self.current(session) {
            _ if self.user.operator => "Operator",
            Some((membership, _)) => role_words(membership.role),
            None => "",
        }
    }

    /// The zone for times outside a session.
    pub fn zone_of_managing(&self) -> Zone {
        let name = self.user.time_zone.as_deref().or_else(|| self.managing().map(|o| o.time_zone.as_str()));
        Zone::named(name.unwrap_or("UTC"))
    }

    /// The zone for times: the user's own, else the organization's.
    pub fn zone(&self, session: &Session) -> Zone {
        let organization = self.current(session).map(|(_, o)| o).or_else(|| self.managing());
        let name = self.user.time_zone.as_deref().or(organization.map(|o| o.time_zone.as_str()));
        Zone::named(name.unwrap_or("UTC"))
    }
}
