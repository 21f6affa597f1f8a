//! **Invitations** of somebody who has an account: a membership begins when they accept it, and no
//! sooner. Opening the page wants a sign-in, so the link in the mail is no secret.

use super::invite::membership;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::models::invitations::{self, Invitation};
use crate::models::organizations::{self, Organization};
use crate::models::users::User;
use crate::models::{AuditResult, memberships, users};

/// Where they are accepted.
pub const PAGE: &str = "/invitations";

/// What somebody may accept, newest first.
pub async fn list(core: &Core, user_id: &str) -> Result<Vec<(Invitation, Organization)>, Fault> {
    let (user_id, now) = (user_id.to_owned(), core.clock.now());
    core.db.read(move |conn| Ok(invitations::list_offers(conn, &user_id, now)?)).await
}

/// Accepts or declines an offer; the organization's name, or `None` when it is over or somebody else's.
pub async fn settle(
    core: &Core,
    user: &User,
    id: &str,
    accepted: bool,
    origin: &Origin,
) -> Result<Option<String>, Fault> {
    let (context, user, id, origin) = (core.clone(), user.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let offers = invitations::list_offers(conn, &user.id, now)?;
            let Some((offer, _)) = offers.into_iter().find(|(offer, _)| offer.id == id) else { return Ok(None) };
            // A lock on the row that the membership refers to: it may be switched off at this moment.
            let organization = organizations::lock(conn, &offer.organization_id)?;
            let Some(organization) = organization.filter(|o| o.disabled_at.is_none()) else { return Ok(None) };
            if !invitations::take_offer(conn, &id, &user.id, now)? {
                return Ok(None);
            }
            let action = if accepted { "invitation_accepted" } else { "invitation_declined" };
            if accepted {
                memberships::insert(conn, &membership(&user.id, &organization.id, offer.role, now))?;
                if user.managing_organization_id.is_none() {
                    users::pass_on(conn, &user.id, None, Some(&organization.id), now)?;
                }
            }
            Entry::new(action, AuditResult::Success)
                .of(&user.id)
                .in_organization(Some(&organization.id))
                .with("role", offer.role.as_str())
                .write(conn, &origin, now)?;
            Ok::<_, Fault>(Some(organization.name))
        })
        .await
}
