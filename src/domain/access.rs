//! Whether a session opens anything: worked out at each request from what the database says now,
//! never from what was true at sign-in. The one place that decides "signed in". ASVS 6.3.4, 8.3.2.

use super::Core;
use super::sign_in::set_up;
use super::times::Zone;
use crate::db::Fault;
use crate::models::memberships::{self, Membership};
use crate::models::organizations::Organization;
use crate::models::sessions::Session;
use crate::models::users::{self, User};
use crate::models::{Account, Role, Stage};

/// Somebody with a session that counts, and where they belong.
#[derive(Clone)]
pub struct Access {
    pub user: User,
    /// Active memberships, oldest first.
    pub memberships: Vec<(Membership, Organization)>,
    /// The current organization demands a second step, and nothing that counts there is set up: it
    /// began to demand it, or a grace or an exemption ended, since the session was opened.
    pub set_up_due: bool,
}

/// Who a live session belongs to. `None` when the account no longer takes it: disabled, or
/// everything was ended since (an older epoch).
pub async fn check(core: &Core, session: &Session) -> Result<Option<Access>, Fault> {
    let (session, now) = (session.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(user) = users::find(conn, &session.user_id)? else { return Ok(None) };
            if !opens(user.account, session.stage) || user.mfa_epoch != session.mfa_epoch {
                return Ok(None);
            }
            let memberships = memberships::list_active(conn, &user.id)?;
            let mut access = Access { user, memberships, set_up_due: false };
            if session.stage == Stage::SignedIn
                && let Some((membership, organization)) = access.current(&session)
            {
                access.set_up_due = set_up::is_due(conn, &access.user, membership, organization, now)?;
            }
            Ok(Some(access))
        })
        .await
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
