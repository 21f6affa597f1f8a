//! Removing somebody from an organization. The membership ends with the factors enrolled for it; the
//! account stays, unless it was never used and this was its last membership. One active account holder
//! always remains.

use super::{By, Refusal, Target, entry, find, leave_message, tell_other_admins};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::{Core, locks, notices};
use crate::models::organizations::{self, Organization};
use crate::models::users::User;
use crate::models::{
    Account, Role, Scope, api_tokens, email_changes, factors, invitations, memberships, registrations,
    remembered_browsers, sessions, users,
};
use crate::outbox::line::Line;
use crate::outbox::people_messages::RemovedFromOrganization;

/// What removing somebody would do.
pub struct Preview {
    pub target: Target,
    /// Factors of this organization that go.
    pub factors: usize,
    pub consequence: Consequence,
    pub refused: Option<Refusal>,
}

/// What becomes of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// It goes on elsewhere.
    Stays,
    /// It goes on, and this organization manages it from then on.
    PassesTo(String),
    /// It belongs nowhere any more, and can be invited again.
    BelongsNowhere,
    /// It was never used and goes.
    Deleted,
}

/// What would happen; `None` for somebody who is not in this organization.
pub async fn preview(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    id: &str,
) -> Result<Option<Preview>, Fault> {
    let (actor, organization, id) = (actor.clone(), organization.clone(), id.to_owned());
    core.db
        .read(move |conn| {
            let Some(target) = find(conn, &actor, &id)? else { return Ok(None) };
            if target.membership(&organization.id).is_none() {
                return Ok(None);
            }
            let own = |f: &factors::Factor| {
                f.scope == Scope::Organization && f.organization_id.as_deref() == Some(&organization.id)
            };
            let factors = factors::list(conn, &id)?.iter().filter(|f| own(f)).count();
            let refused = may_remove(conn, &actor, &target, &organization)?.err();
            let consequence = consequence(&target, &organization);
            Ok::<_, Fault>(Some(Preview { target, factors, consequence, refused }))
        })
        .await
}

/// What becomes of the account when this membership ends.
fn consequence(target: &Target, organization: &Organization) -> Consequence {
    match heir(target, organization) {
        None if target.user.account == Account::Invited => Consequence::Deleted,
        None => Consequence::BelongsNowhere,
        Some(heir) if target.user.managing_organization_id.as_deref() == Some(&organization.id) => {
            Consequence::PassesTo(heir.name.clone())
        }
        Some(_) => Consequence::Stays,
    }
}

/// The oldest membership that remains; one that can be entered before one that cannot.
fn heir<'a>(target: &'a Target, organization: &Organization) -> Option<&'a Organization> {
    let others = || target.memberships.iter().filter(|(_, o)| o.id != organization.id);
    let open = others().find(|(m, o)| m.disabled_at.is_none() && o.disabled_at.is_none());
    open.or_else(|| others().next()).map(|(_, o)| o)
}

/// Ends a membership; the name of the person.
pub async fn remove(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    id: &str,
    origin: &Origin,
) -> Result<Result<Consequence, Refusal>, Fault> {
    let (context, actor, organization) = (core.clone(), actor.clone(), organization.clone());
    let (id, origin) = (id.to_owned(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            let now = context.clock.now();
            remove_in(conn, &context, &actor, &organization, &id, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

/// The same inside a transaction.
pub fn remove_in(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    id: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<Consequence, Refusal>, Fault> {
    // Two account holders who remove each other at this moment: the second one waits here, and then
    // reads what the first has left.
    organizations::lock(conn, &organization.id)?;
    // Another organization may remove the same person at this moment, or be given the account.
    locks::people(conn, &[id.to_owned()])?;
    let Some(target) = find(conn, actor, id)? else { return Ok(Err(Refusal::NotFound)) };
    if let Err(refusal) = may_remove(conn, actor, &target, organization)? {
        return Ok(Err(refusal));
    }
    let Some((membership, _)) = target.membership(&organization.id) else { return Ok(Err(Refusal::NotFound)) };
    if !memberships::delete(conn, &membership.id)? {
        return Ok(Err(Refusal::Changed));
    }
    let consequence = consequence(&target, organization);
    let gone = end(conn, id, organization, now)?;
    invitations::delete_of(conn, &organization.id, id)?;
    settle(conn, &target, organization, &consequence, now)?;
    entry("removed_from_organization", By::Admin(actor), id, Some(&organization.id))
        .with("factors", gone)
        .with("account", words(&consequence))
        .write(conn, origin, now)?;
    if consequence != Consequence::Deleted {
        tell(conn, core, &target.user, organization, &consequence, now)?;
    }
    let body = format!("{} was removed from {}.", target.user.full_name(), organization.name);
    tell_other_admins(conn, &target, Some(&organization.id), ("Somebody left an organization", &body), now)?;
    Ok(Ok(consequence))
}

/// Ends the membership of somebody who was invited and has never been there. The caller holds the
/// organization's row.
pub fn take_back(
    conn: &mut DbConnection,
    organization: &Organization,
    user_id: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(user) = users::lock(conn, user_id)? else { return Ok(()) };
    let target = Target { user, memberships: memberships::list_with_organizations(conn, user_id)? };
    let Some((membership, _)) = target.membership(&organization.id) else { return Ok(()) };
    if !memberships::delete(conn, &membership.id)? {
        return Ok(());
    }
    end(conn, user_id, organization, now)?;
    settle(conn, &target, organization, &consequence(&target, organization), now)
}

/// What was set up for this organization or is open in it ends for good, and no browser remembers the person: an
/// invitation later brings none of it back. How many factors there were. ASVS 7.4.2.
fn end(conn: &mut DbConnection, user_id: &str, organization: &Organization, now: Timestamp) -> Result<usize, Fault> {
    sessions::delete_in_organization(conn, user_id, &organization.id)?;
    remembered_browsers::delete_of_user(conn, user_id)?;
    api_tokens::revoke_in_organization(conn, user_id, &organization.id, now)?;
    Ok(factors::delete_of_organization(conn, user_id, &organization.id)?)
}

fn may_remove(
    conn: &mut DbConnection,
    actor: &Actor,
    target: &Target,
    organization: &Organization,
) -> Result<Result<(), Refusal>, Fault> {
    let Some((membership, _)) = target.membership(&organization.id) else { return Ok(Err(Refusal::NotFound)) };
    if !actor.reaches(&organization.id) {
        return Ok(Err(Refusal::NotFound));
    }
    if actor.user.id == target.user.id {
        return Ok(Err(Refusal::Oneself));
    }
    if actor.is_operator() {
        actor.stands(conn)?;
    } else {
        // The role as it is now: the page may have been open since before it was lost.
        let own = memberships::find(conn, &actor.user.id, &organization.id)?;
        let role = own.filter(|m| m.disabled_at.is_none() && m.role >= Role::Admin).map(|m| m.role);
        let Some(role) = role else { return Ok(Err(Refusal::NotFound)) };
        if membership.role > role || target.user.operator {
            return Ok(Err(Refusal::HigherRole));
        }
    }
    if membership.role == Role::Owner && !memberships::has_other_owner(conn, &organization.id, &target.user.id)? {
        return Ok(Err(Refusal::LastOwner));
    }
    Ok(Ok(()))
}

/// What follows for the account.
fn settle(
    conn: &mut DbConnection,
    target: &Target,
    organization: &Organization,
    consequence: &Consequence,
    now: Timestamp,
) -> Result<(), Fault> {
    let user = &target.user;
    let managed_here = user.managing_organization_id.as_deref() == Some(&organization.id);
    if managed_here {
        let heir = heir(target, organization).map(|o| o.id.clone());
        users::pass_on(conn, &user.id, Some(&organization.id), heir.as_deref(), now)?;
        email_changes::delete_of_user(conn, &user.id)?;
        registrations::delete_of_user(conn, &user.id)?;
    }
    if *consequence == Consequence::Deleted {
        users::delete_invited(conn, &user.id)?;
    }
    Ok(())
}

fn words(consequence: &Consequence) -> &'static str {
    match consequence {
        Consequence::Stays => "stays",
        Consequence::PassesTo(_) => "managed by the oldest remaining organization",
        Consequence::BelongsNowhere => "belongs to no organization",
        Consequence::Deleted => "never used, deleted",
    }
}

fn tell(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    organization: &Organization,
    consequence: &Consequence,
    now: Timestamp,
) -> Result<(), Fault> {
    let name = Line::new(&organization.name);
    let last = *consequence == Consequence::BelongsNowhere;
    let message = RemovedFromOrganization { organization: name, last };
    notices::tell(conn, core, user, "removed_from_organization", |_| Box::new(message), now)?;
    let mut body =
        format!("You no longer belong to {}. What you had set up for it alone was removed.", organization.name);
    body.push_str(match consequence {
        Consequence::BelongsNowhere => "\n\nYour account stays. It belongs to no organization until one invites you.",
        _ => "\n\nYour account goes on elsewhere as before.",
    });
    leave_message(conn, &user.id, ("You were removed from an organization", &body), now)
}
