//! **Terms of Use Agreement**: the version of the installation, accepted once by everybody, and the end
//! of a registration.

use super::{LINK, USERNAME_LINK};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::locks;
use crate::domain::organizations::owner;
use crate::domain::sign_in::{self, Device, Passed};
use crate::domain::{Core, domain_account};
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{Account, AuditResult, Stage, links, memberships, registrations, users};

/// Whether this person has not accepted the present version.
pub fn are_due(core: &Core, user: &User) -> bool {
    user.terms_version.as_deref() != Some(core.settings.terms_version.as_str())
}

/// What follows the terms.
pub enum Accepted {
    /// The sign-in goes on.
    On(Passed),
    /// Somebody was signed in when the version changed, and stays so.
    Stays,
    /// The organization wants domain accounts only: the way in is **LOGIN**.
    ByDomain,
}

/// **CONTINUE**: keeps version and time.
pub async fn accept(
    core: &Core,
    session: &Session,
    access: Access,
    device: Device,
    origin: &Origin,
) -> Result<Accepted, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let mut access = access;
            let version = core.settings.terms_version.clone();
            let finishes = access.user.account == Account::Unfinished;
            if finishes {
                // Two who were invited to be the first account holder: the second waits here.
                locks::owned(conn, std::slice::from_ref(&access.user.id))?;
            }
            if !users::accept_terms(conn, &access.user.id, &version, now)? {
                return Err(Fault::Other("the account no longer takes terms".into()));
            }
            Entry::new("terms_accepted", AuditResult::Success)
                .of(&access.user.id)
                .with("version", version.as_str())
                .write(conn, &origin, now)?;
            if finishes {
                finish_registration(conn, &access.user, &origin, now)?;
                owner::arrived(conn, &access.user.id, &origin, now)?;
                access.memberships = memberships::list_active(conn, &access.user.id)?;
            }
            access.user.account = Account::Active;
            access.user.terms_version = Some(version);
            if session.stage == Stage::SignedIn {
                return Ok(Accepted::Stays);
            }
            if domain_account::keeps_out(&access, &session) {
                sessions::delete(conn, &session.id)?;
                return Ok(Accepted::ByDomain);
            }
            sign_in::after_terms(conn, core, &session, &access, &device, &origin).map(Accepted::On)
        })
        .await
}

/// The row of the registration goes, and with it whatever links are still under way.
fn finish_registration(conn: &mut DbConnection, user: &User, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    if let Some(registration) = registrations::find_by_user(conn, &user.id)? {
        for purpose in [LINK, USERNAME_LINK] {
            links::replace_all(conn, purpose, None, Some(&registration.id), now)?;
        }
    }
    registrations::delete_of_user(conn, &user.id)?;
    Ok(Entry::new("registration_finished", AuditResult::Success)
        .of(&user.id)
        .in_organization(user.managing_organization_id.as_deref())
        .write(conn, origin, now)?)
}
