//! The first account holder of a customer, invited by whoever looks after it: an organization without one
//! can set nothing and reset nobody. Several may be invited, and the first to come is it: the invitations of
//! the others are over then, as they are when somebody else looks after the customer, or when it is disabled.
//! From then on its account holder says who else is one.

use data_encoding::BASE64URL_NOPAD;

use super::reached;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{INVITATION_LINK, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW};
use crate::domain::people::invite::{self, Added, Newcomer};
use crate::domain::people::{By, entry, removal};
use crate::domain::registration::details::{Details, Problems};
use crate::domain::{Core, throttle};
use crate::models::organizations::{self, Organization};
use crate::models::{Account, AuditResult, Role, invitations, memberships, users};

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
            // Somebody may be accepting an earlier one at this moment, or taking the customer from this partner.
            actor.hold_with(conn, Some(&id))?;
            let Some(organization) = reached(conn, &actor, &id)?.filter(|o| o.disabled_at.is_none()) else {
                return Ok(Invited::NotFound);
            };
            if has_owner(conn, &organization.id)? {
                return Ok(Invited::HasOwner);
            }
            // Counted by what was typed, or the answer would tell which addresses have accounts.
            let address =
                BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &users::fold(&newcomer.details.email)));
            let key = format!("invitations:owner:{}:{address}", organization.id);
            if throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_some() {
                return Ok(Invited::TooMany);
            }
            Ok::<_, Fault>(
                match invite::add_in(conn, core, By::Admin(&actor), &organization, &newcomer, &origin, now)? {
                    Added::Invited { .. } => Invited::Sent,
                    Added::Problems(problems) => Invited::Problems(problems),
                    Added::AlreadyHere => again(conn, core, (&actor, &organization), &newcomer, &origin, now)?,
                },
            )
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
    entry("invitation_sent_again", By::Admin(actor), &user.id, Some(&organization.id)).write(conn, origin, now)?;
    Ok(Invited::Sent)
}

/// Somebody who can sign in has become account holder: whoever else was invited to be the first one is not
/// any more. The caller holds the organization's row.
pub fn appeared(
    conn: &mut DbConnection,
    organization: &Organization,
    user_id: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    if memberships::has_other_owner(conn, &organization.id, user_id)? {
        // Who invites now is account holder.
        return Ok(());
    }
    let entry = || Entry::new(WITHDRAWN, AuditResult::Success).caused_by(user_id);
    withdraw(conn, organization, Some(user_id), entry, origin, now)
}

/// The same for somebody who has just finished registering, or accepted without a password; the rows of
/// their organizations are held ([`crate::domain::locks::owned`]).
pub fn arrived(conn: &mut DbConnection, user_id: &str, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    for (membership, organization) in memberships::list_active(conn, user_id)? {
        if membership.role == Role::Owner {
            appeared(conn, &organization, user_id, origin, now)?;
        }
    }
    Ok(())
}

/// Nobody stands behind what was sent to first account holders any more: another partner looks after the
/// organization, or it is disabled. Its own account holder's invitations stay.
pub fn disown(
    conn: &mut DbConnection,
    actor: &Actor,
    organization: &Organization,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    organizations::lock(conn, &organization.id)?;
    if has_owner(conn, &organization.id)? {
        return Ok(());
    }
    let entry = || Entry::new(WITHDRAWN, AuditResult::Success).by(actor);
    withdraw(conn, organization, None, entry, origin, now)
}

const WITHDRAWN: &str = "invitation_withdrawn";

fn withdraw<'a>(
    conn: &mut DbConnection,
    organization: &Organization,
    but: Option<&str>,
    entry: impl Fn() -> Entry<'a>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut rows = invitations::list_open_of_owners(conn, &organization.id, MOST)?;
    // Their accounts are held one after the other: `domain::locks`.
    rows.sort_by(|a, b| a.user_id.cmp(&b.user_id));
    for row in rows {
        if but == Some(&row.user_id) {
            continue;
        }
        invitations::delete_of(conn, &organization.id, &row.user_id)?;
        let entry = entry().in_organization(Some(&organization.id)).with("role", Role::Owner.as_str());
        if row.offer {
            entry.about(Some(&row.user_id)).write(conn, origin, now)?;
        } else {
            // The account may go with its only membership.
            entry.with("email", row.email.as_str()).write(conn, origin, now)?;
            removal::take_back(conn, organization, &row.user_id, now)?;
        }
    }
    Ok(())
}

/// Invitations looked at; each takes a mail, of which there are few.
const MOST: i64 = 1_000;
