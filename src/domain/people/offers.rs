//! **Invitations** of somebody who has an account: a membership begins when they accept it, and no
//! sooner. Opening the page wants a sign-in, so the link in the mail is no secret.

use super::invite::membership;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::domain_account::refuses_password;
use crate::domain::organizations::owner;
use crate::models::invitations::{self, Invitation};
use crate::models::organizations::{self, Organization};
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{AuditResult, Role, memberships, users};

/// Where they are accepted.
pub const PAGE: &str = "/invitations";

/// What somebody may accept, newest first.
pub async fn list(core: &Core, user_id: &str) -> Result<Vec<(Invitation, Organization)>, Fault> {
    let (user_id, now) = (user_id.to_owned(), core.clock.now());
    core.db.read(move |conn| Ok(invitations::list_offers(conn, &user_id, now)?)).await
}

/// What came of an answer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// Accepted, and from here on the organization manages the account and wants domain accounts only: this
    /// session has ended, and the way in is **LOGIN**.
    ByDomain,
}

/// Accepts or declines an offer; `None` when it is over or somebody else's.
pub async fn settle(
    core: &Core,
    (session, user): (&Session, &User),
    id: &str,
    accepted: bool,
    origin: &Origin,
) -> Result<Option<Settled>, Fault> {
    let (context, user, id, origin) = (core.clone(), user.clone(), id.to_owned(), origin.clone());
    let session = session.clone();
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let offers = invitations::list_offers(conn, &user.id, now)?;
            let Some((offer, _)) = offers.into_iter().find(|(offer, _)| offer.id == id) else { return Ok(None) };
            // A lock on the row that the membership refers to: it may be switched off at this moment.
            let organization = organizations::lock(conn, &offer.organization_id)?;
            let Some(organization) = organization.filter(|o| o.disabled_at.is_none()) else { return Ok(None) };
            // Another organization may be removing them, or handing the account over.
            let Some(user) = users::lock(conn, &user.id)? else { return Ok(None) };
            if !invitations::take_offer(conn, &id, &user.id, now)? {
                return Ok(None);
            }
            let mut settled = Settled::Done;
            let action = if accepted { "invitation_accepted" } else { "invitation_declined" };
            if accepted {
                memberships::insert(conn, &membership(&user.id, &organization.id, offer.role, now))?;
                if offer.role == Role::Owner {
                    owner::appeared(conn, &organization, &user.id, &origin, now)?;
                }
                let managing = user.managing_organization_id.as_deref();
                let managed = match managing {
                    Some(id) => memberships::find(conn, &user.id, id)?.is_some(),
                    None => false,
                };
                if !managed {
                    users::pass_on(conn, &user.id, managing, Some(&organization.id), now)?;
                    let managed = User { managing_organization_id: Some(organization.id.clone()), ..user.clone() };
                    if session.domain_sign_in_id.is_none() && refuses_password(conn, Some(&managed))? {
                        sessions::delete(conn, &session.id)?;
                        settled = Settled::ByDomain;
                    }
                }
            }
            let joined = accepted.then_some(organization.id.as_str());
            Entry::new(action, AuditResult::Success)
                .of(&user.id)
                .in_organization(joined)
                .with("role", offer.role.as_str())
                .write(conn, &origin, now)?;
            if !accepted {
                // Whose account it was is not told, nor where they are.
                let origin = Origin { request_id: origin.request_id.clone(), ..Origin::default() };
                Entry::new(action, AuditResult::Success)
                    .in_organization(Some(&organization.id))
                    .with("email", offer.email.as_str())
                    .write(conn, &origin, now)?;
            }
            Ok::<_, Fault>(Some(settled))
        })
        .await
}
