//! The first account holder of a customer, invited by whoever looks after it: an organization without one
//! can set nothing and reset nobody.

use super::reached;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::limits::INVITATION_LINK;
use crate::domain::people::entry;
use crate::domain::people::invite::{self, Added, Newcomer};
use crate::domain::registration::details::{Details, Problems};
use crate::models::organizations::Organization;
use crate::models::{Account, Role, invitations, memberships, users};

/// What became of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    Sent,
    /// None of theirs, or one that is disabled.
    NotFound,
    /// There is an account holder who can sign in, and who invites others.
    HasOwner,
    /// Somebody with this address belongs to it already, as something else.
    AlreadyHere,
    /// Too many e-mails went to this address.
    TooMany,
    Problems(Problems),
}

/// Invites the first account holder of a customer. The same address again sends the link again.
pub async fn invite(
    core: &Core,
    actor: &Actor,
    organization_id: &str,
    details: &Details,
    origin: &Origin,
) -> Result<Invited, Fault> {
    let newcomer = Newcomer { details: details.clone(), role: Role::Owner };
    let problems = invite::problems(&newcomer);
    if !problems.is_empty() {
        return Ok(Invited::Problems(problems));
    }
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let id = organization_id.to_owned();
    let done = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let Some(organization) = reached(conn, &actor, &id)?.filter(|o| o.disabled_at.is_none()) else {
                return Ok(Invited::NotFound);
            };
            if has_owner(conn, &organization.id)? {
                return Ok(Invited::HasOwner);
            }
            Ok::<_, Fault>(match invite::add_in(conn, core, Some(&actor), &organization, &newcomer, &origin, now)? {
                Added::Invited { .. } => Invited::Sent,
                Added::Problems(problems) => Invited::Problems(problems),
                Added::AlreadyHere => again(conn, core, (&actor, &organization), &newcomer, &origin, now)?,
            })
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

/// Whether there is an account holder who can sign in.
pub fn has_owner(conn: &mut DbConnection, organization_id: &str) -> Result<bool, Fault> {
    Ok(memberships::has_other_owner(conn, organization_id, "")?)
}

/// Who was invited as account holder and has not followed the link gets a new one.
fn again(
    conn: &mut DbConnection,
    core: &Core,
    (actor, organization): (&Actor, &Organization),
    newcomer: &Newcomer,
    origin: &Origin,
    now: Timestamp,
) -> Result<Invited, Fault> {
    let Some(user) = users::find_by_email(conn, newcomer.details.email.trim())? else {
        return Ok(Invited::AlreadyHere);
    };
    let role = memberships::find(conn, &user.id, &organization.id)?.map(|m| m.role);
    if user.account != Account::Invited || role != Some(Role::Owner) {
        return Ok(Invited::AlreadyHere);
    }
    if invite::mail_link(conn, core, &user, origin, now)?.is_none() {
        return Ok(Invited::TooMany);
    }
    if let Some(row) = invitations::find_of(conn, &organization.id, &user.id)? {
        invitations::renew(conn, &row.id, row.role, now, now + INVITATION_LINK)?;
    }
    entry("invitation_sent_again", Some(actor), &user.id, Some(&organization.id)).write(conn, origin, now)?;
    Ok(Invited::Sent)
}
