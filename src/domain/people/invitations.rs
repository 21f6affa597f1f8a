//! The invitations of an organization that nobody has followed yet: listed, sent again, withdrawn. One
//! to somebody who has an account looks like any other.

use super::removal;
use super::{By, Refusal, entry, invite};
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::limits::{INVITATION_LINK, INVITATION_OFFER, LIST_PAGE};
use crate::models::invitations::{self, Invitation};
use crate::models::organizations::Organization;
use crate::models::{Account, Role, memberships, users};

/// One page of them.
pub struct Page {
    pub invitations: Vec<Invitation>,
    /// The id the next page begins after.
    pub older_than: Option<String>,
}

pub async fn list(core: &Core, organization_id: &str, before: Option<String>) -> Result<Page, Fault> {
    let organization_id = organization_id.to_owned();
    let mut rows = core
        .db
        .read(move |conn| {
            Ok::<_, Fault>(invitations::list_open(conn, &organization_id, before.as_deref(), LIST_PAGE + 1)?)
        })
        .await?;
    let page = usize::try_from(LIST_PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let older_than = if more { rows.last().map(|row| row.id.clone()) } else { None };
    Ok(Page { invitations: rows, older_than })
}

/// Sends one again; `Ok(false)` when too many went there.
pub async fn resend(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    id: &str,
    origin: &Origin,
) -> Result<Result<bool, Refusal>, Fault> {
    let (context, actor, organization) = (core.clone(), actor.clone(), organization.clone());
    let (id, origin) = (id.to_owned(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let (core, now) = (&context, context.clock.now());
            let Some(row) = invitations::find_open(conn, &organization.id, &id)? else {
                return Ok(Err(Refusal::NotFound));
            };
            if row.role > Role::Member && !actor.is_owner() {
                return Ok(Err(Refusal::HigherRole));
            }
            let Some(user) = users::find(conn, &row.user_id)? else { return Ok(Err(Refusal::NotFound)) };
            let life = if row.offer { INVITATION_OFFER } else { INVITATION_LINK };
            let sent = match row.offer {
                true => invite::mail_offer(conn, core, &organization, &user, row.role, now)?,
                false => invite::mail_link(conn, core, &user, &origin, now)?.is_some(),
            };
            if sent {
                invitations::renew(conn, &row.id, row.role, now, now + life)?;
                let entries = invite::noted("invitation_sent_again", By::Admin(&actor), &row);
                entries.into_iter().try_for_each(|entry| entry.write(conn, &origin, now))?;
            }
            Ok::<_, Fault>(Ok(sent))
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

/// Sends the link again to somebody by their id: Edit User. The account's managing organization alone.
pub async fn resend_to(
    core: &Core,
    actor: &Actor,
    user_id: &str,
    origin: &Origin,
) -> Result<Result<bool, Refusal>, Fault> {
    let (context, actor, user_id, origin) = (core.clone(), actor.clone(), user_id.to_owned(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let (core, now) = (&context, context.clock.now());
            let Some(target) = super::find(conn, &actor, &user_id)? else { return Ok(Err(Refusal::NotFound)) };
            if let Err(refusal) = super::may_edit(conn, &actor, &target)? {
                return Ok(Err(refusal));
            }
            if !matches!(target.user.account, Account::Invited | Account::Unfinished) {
                return Ok(Err(Refusal::Changed));
            }
            let sent = invite::mail_link(conn, core, &target.user, &origin, now)?.is_some();
            let managing = target.managing().map(|o| o.id.clone());
            if sent {
                if let Some(row) = renewed(conn, managing.as_deref(), &user_id)? {
                    invitations::renew(conn, &row.id, row.role, now, now + INVITATION_LINK)?;
                }
                entry("invitation_sent_again", By::Admin(&actor), &user_id, managing.as_deref())
                    .write(conn, &origin, now)?;
            }
            Ok::<_, Fault>(Ok(sent))
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

fn renewed(conn: &mut DbConnection, organization_id: Option<&str>, user_id: &str) -> Result<Option<Invitation>, Fault> {
    match organization_id {
        Some(id) => Ok(invitations::find_of(conn, id, user_id)?),
        None => Ok(None),
    }
}

/// Takes one back. An account that was never used goes with its last membership.
pub async fn withdraw(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    id: &str,
    origin: &Origin,
) -> Result<Result<(), Refusal>, Fault> {
    let (context, actor, organization) = (core.clone(), actor.clone(), organization.clone());
    let (id, origin) = (id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let (core, now) = (&context, context.clock.now());
            let Some(row) = invitations::find_open(conn, &organization.id, &id)? else {
                return Ok(Err(Refusal::NotFound));
            };
            if row.role > Role::Member && !actor.is_owner() {
                return Ok(Err(Refusal::HigherRole));
            }
            invitations::delete_of(conn, &organization.id, &row.user_id)?;
            let entries = invite::noted("invitation_withdrawn", By::Admin(&actor), &row);
            entries.into_iter().try_for_each(|entry| entry.write(conn, &origin, now))?;
            let member = memberships::find(conn, &row.user_id, &organization.id)?;
            if row.offer || member.is_none() {
                return Ok::<_, Fault>(Ok(()));
            }
            removal::remove_in(conn, core, &actor, &organization, &row.user_id, &origin, now).map(|r| r.map(|_| ()))
        })
        .await
}
