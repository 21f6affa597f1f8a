//! Which organization looks after an account. Its account holder may hand it over to another one the
//! person belongs to; an operator may set it.

use super::{By, Refusal, Target, entry, find, leave_message, tell_other_admins};
use crate::db::Fault;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::operators::{Deed, tell_owners};
use crate::domain::{Core, locks};
use crate::models::{Role, email_changes, memberships, users};

/// Whether the actor may hand the account over.
pub fn may_hand_over(actor: &Actor, target: &Target) -> Result<(), Refusal> {
    if actor.is_operator() {
        return Ok(());
    }
    match target.managing() {
        Some(o) if actor.organization_id() == Some(o.id.as_str()) && actor.role == Some(Role::Owner) => Ok(()),
        Some(o) => Err(Refusal::ManagedBy(o.name.clone())),
        None => Err(Refusal::Unmanaged),
    }
}

/// Hands an account over to another organization its person belongs to; that one's name.
pub async fn hand_over(
    core: &Core,
    actor: &Actor,
    id: &str,
    to: &str,
    origin: &Origin,
) -> Result<Result<String, Refusal>, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let (id, to) = (id.to_owned(), to.to_owned());
    let done = core
        .db
        .write(move |conn| {
            // Somebody may be removing the person from one of their organizations at this moment.
            locks::person_and_places(conn, &id)?;
            actor.stands(conn)?;
            let now = context.clock.now();
            let Some(target) = find(conn, &actor, &id)? else { return Ok(Err(Refusal::NotFound)) };
            if let Err(refusal) = may_hand_over(&actor, &target) {
                return Ok(Err(refusal));
            }
            let from = target.user.managing_organization_id.clone();
            let open = target.membership(&to).filter(|(m, o)| m.disabled_at.is_none() && o.disabled_at.is_none());
            let Some((_, organization)) = open else { return Ok(Err(Refusal::NotFound)) };
            let still_there = memberships::find(conn, &id, &to)?.is_some();
            if !still_there || !users::pass_on(conn, &id, from.as_deref(), Some(&to), now)? {
                return Ok(Err(Refusal::Changed));
            }
            // What the one before has proposed is not for this one to answer for.
            email_changes::delete_of_user(conn, &id)?;
            entry("managing_organization_changed", By::Admin(&actor), &id, Some(&to))
                .with("from", from.clone().unwrap_or_default())
                .write(conn, &origin, now)?;
            let body = format!("Your account is looked after by {} from now on.", organization.name);
            leave_message(conn, &id, ("Your account was handed over", &body), now)?;
            let body = format!(
                "The account of {} is looked after by {} from now on.",
                target.user.full_name(),
                organization.name
            );
            tell_other_admins(conn, &target, from.as_deref(), ("An account was handed over", &body), now)?;
            // An operator who sets it asked nobody of the organization that looked after it so far.
            let organizations = target.memberships.iter().map(|(_, o)| o.id.clone()).collect();
            let deed = Deed { what: "An operator handed an account over", so: &body, subject: Some(&id) };
            tell_owners(conn, &context, (&actor, organizations), &deed, &origin, now)?;
            Ok::<_, Fault>(Ok(organization.name.clone()))
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}
