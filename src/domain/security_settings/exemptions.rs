//! Exemptions: somebody need not set anything up until a day, for a reason that is kept.

use super::notices;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{EXEMPTION_MAX, EXEMPTION_REASON_LENGTH, LIST_PAGE};
use crate::domain::times::Zone;
use crate::models::memberships::{self, Membership};
use crate::models::organizations::{self, Organization};
use crate::models::users::User;
use crate::models::{AuditResult, users};

/// What is wrong with an exemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nobody of this organization has that username.
    Nobody,
    Reason,
    /// No day, one that is over, or one too far off.
    Day,
}

/// An exemption as it is typed.
pub struct Typed {
    pub username: String,
    pub reason: String,
    /// "2026-11-30": the last day, in the organization's zone.
    pub last_day: String,
}

/// A page of those who are exempt, the first to end first; `after` is the last one of the page before.
pub async fn list(
    core: &Core,
    organization_id: &str,
    after: Option<(Timestamp, String)>,
) -> Result<Vec<(Membership, User)>, Fault> {
    let (id, now) = (organization_id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            // Whoever ends this very moment is exempt no more, whatever the id.
            let (at, last) = after.unwrap_or((now, "~".into()));
            Ok(memberships::list_exempt(conn, &id, (at, &last), LIST_PAGE + 1)?)
        })
        .await
}

/// Exempts somebody, or changes until when and why; or everything that is wrong, in the order of the fields.
pub async fn add(core: &Core, actor: &Actor, typed: Typed, origin: &Origin) -> Result<Result<(), Vec<Problem>>, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let added = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let organization = current(conn, &actor)?;
            let zone = Zone::named(&organization.time_zone);
            let reason = typed.reason.trim();
            let until = zone.end_of_day(typed.last_day.trim()).filter(|at| now < *at && *at <= now + EXEMPTION_MAX);
            let fits = !reason.is_empty() && reason.chars().count() <= EXEMPTION_REASON_LENGTH;
            let found = memberships::find_person(conn, &organization.id, &typed.username)?;
            let problems = [
                (found.is_none(), Problem::Nobody),
                (!fits || reason.chars().any(char::is_control), Problem::Reason),
                (until.is_none(), Problem::Day),
            ];
            let problems: Vec<Problem> = problems.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
            let ((Some((membership, user)), Some(until)), true) = ((found, until), problems.is_empty()) else {
                return Ok(Err(problems));
            };
            memberships::set_exemption(conn, &organization.id, &membership.id, Some((until, reason)))?;
            let told = format!("{} is exempt until {}: {reason}", user.full_name(), zone.date(until - ONE_SECOND));
            let entry = Entry::new("exemption_set", AuditResult::Success)
                .with("until", zone.last_day(until))
                .with("reason", reason);
            changed(conn, &context, (&organization, &actor), &user, entry, told, (&origin, now))?;
            Ok::<_, Fault>(Ok(()))
        })
        .await?;
    core.outbox.notify_one();
    Ok(added)
}

/// The day is over when the next begins.
const ONE_SECOND: time::Duration = time::Duration::SECOND;

/// Ends an exemption; set-up is demanded from the next request where the organization demands it. `false` when there is no such person.
pub async fn remove(core: &Core, actor: &Actor, membership_id: &str, origin: &Origin) -> Result<bool, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let id = membership_id.to_owned();
    let removed = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let organization = current(conn, &actor)?;
            let found = memberships::find_by_id(conn, &id)?.filter(|m| m.organization_id == organization.id);
            let Some(membership) = found else { return Ok(false) };
            let Some(user) = users::find(conn, &membership.user_id)? else { return Ok(false) };
            if membership.exempt_until.is_none() || !memberships::set_exemption(conn, &organization.id, &id, None)? {
                return Ok(true);
            }
            let told = format!("{} is exempt no more", user.full_name());
            let entry = Entry::new("exemption_ended", AuditResult::Success);
            changed(conn, &context, (&organization, &actor), &user, entry, told, (&origin, now))?;
            Ok::<_, Fault>(true)
        })
        .await?;
    core.outbox.notify_one();
    Ok(removed)
}

fn current(conn: &mut DbConnection, actor: &Actor) -> Result<Organization, Fault> {
    let found = match actor.organization_id() {
        Some(id) => organizations::lock(conn, id)?,
        None => None,
    };
    found.ok_or_else(|| Fault::Other("an exemption in no organization".into()))
}

fn changed(
    conn: &mut DbConnection,
    core: &Core,
    (organization, actor): (&Organization, &Actor),
    user: &User,
    entry: Entry,
    told: String,
    (origin, now): (&Origin, Timestamp),
) -> Result<(), Fault> {
    entry
        .by(actor)
        .about(Some(&user.id))
        .in_organization(Some(&organization.id))
        .with("via", actor.via.as_str())
        .write(conn, origin, now)?;
    notices::tell_owners(conn, core, organization, actor, vec![told], origin, now)
}
