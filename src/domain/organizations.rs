//! **Customers**: which organizations there are, and what they are called. Operators look after all of
//! them; the account holders of a partner after those under it. An organization is a partner once an
//! operator has put one under it.

pub mod details;
pub mod owner;

use std::collections::BTreeSet;

use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::operators::{Deed, tell_owners};
use super::{Core, registration_codes};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::organizations::{self, Organization};
use crate::models::users::fold;
use crate::models::{AuditResult, api_tokens, memberships, registration_codes as codes, remembered_browsers, sessions};

pub use details::{Details, Problem};
use details::{begin, check};

const PER_PAGE: i64 = 50;

/// Whether the organization somebody acts in has customers, and they are theirs to look after.
pub async fn is_partner(core: &Core, actor: &Actor) -> Result<bool, Fault> {
    let Some(id) = actor.organization_id().filter(|_| actor.is_owner()).map(str::to_owned) else { return Ok(false) };
    core.db.read(move |conn| Ok(organizations::has_customers(conn, &id)?)).await
}

/// Whose customers somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Under {
    Everybody,
    Partner(String),
}

/// `None` for somebody who looks after no customers.
fn under(conn: &mut DbConnection, actor: &Actor) -> Result<Option<Under>, Fault> {
    if actor.is_operator() {
        return Ok(Some(Under::Everybody));
    }
    let Some(id) = actor.organization_id().filter(|_| actor.is_owner()) else { return Ok(None) };
    Ok(organizations::has_customers(conn, id)?.then(|| Under::Partner(id.to_owned())))
}

/// An organization as its caretakers see it.
pub struct Shown {
    pub organization: Organization,
    /// The name of its partner.
    pub partner: Option<String>,
    pub people: i64,
    /// The newest registration code that works.
    pub code: Option<String>,
    /// Whether anybody administers it.
    pub administered: bool,
    /// Whether it has an account holder who can sign in.
    pub owned: bool,
}

/// One page of organizations, by name.
pub struct Page {
    pub customers: Vec<Shown>,
    /// The id behind which the next page begins.
    pub next: Option<String>,
}

/// The customers somebody looks after whose name begins with `name`, from the one after `after` (an id);
/// `None` for somebody who looks after none.
pub async fn list(core: &Core, actor: &Actor, name: &str, after: Option<String>) -> Result<Option<Page>, Fault> {
    let (actor, name, now) = (actor.clone(), fold(name), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(under) = under(conn, &actor)? else { return Ok(None) };
            let partner = match &under {
                Under::Everybody => None,
                Under::Partner(id) => Some(id.as_str()),
            };
            let after = match after {
                Some(id) => organizations::find(conn, &id)?.filter(|o| sees(&under, o)),
                None => None,
            };
            let mut rows = organizations::list_page(conn, partner, &name, after.as_ref(), PER_PAGE + 1)?;
            let more = rows.len() > PER_PAGE as usize;
            rows.truncate(PER_PAGE as usize);
            let next = rows.last().filter(|_| more).map(|o| o.id.clone());
            let customers = rows.into_iter().map(|o| shown(conn, o, now)).collect::<Result<_, _>>()?;
            Ok(Some(Page { customers, next }))
        })
        .await
}

fn sees(under: &Under, organization: &Organization) -> bool {
    match under {
        Under::Everybody => true,
        Under::Partner(id) => organization.managing_partner_id.as_ref() == Some(id),
    }
}

fn shown(conn: &mut DbConnection, organization: Organization, now: Timestamp) -> Result<Shown, Fault> {
    let partner = match &organization.managing_partner_id {
        Some(id) => organizations::find(conn, id)?.map(|partner| partner.name),
        None => None,
    };
    // Whoever was only invited is in no figure: those who have an account elsewhere belong to it no sooner
    // than they accept, and the difference would tell which addresses have one.
    let people = memberships::count_joined(conn, &organization.id)?;
    let code = codes::newest(conn, &organization.id, now)?.map(|code| code.code);
    let administered = memberships::has_admin(conn, &organization.id)?;
    let owned = owner::has_owner(conn, &organization.id)?;
    Ok(Shown { organization, partner, people, code, administered, owned })
}

/// One that somebody looks after; others are not found.
pub async fn find(core: &Core, actor: &Actor, id: &str) -> Result<Option<Shown>, Fault> {
    let (actor, id, now) = (actor.clone(), id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let found = reached(conn, &actor, &id)?;
            found.map(|organization| shown(conn, organization, now)).transpose()
        })
        .await
}

fn reached(conn: &mut DbConnection, actor: &Actor, id: &str) -> Result<Option<Organization>, Fault> {
    let Some(under) = under(conn, actor)? else { return Ok(None) };
    Ok(organizations::find(conn, id)?.filter(|organization| sees(&under, organization)))
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// With its id.
    Done(String),
    NotFound,
    Problems(Vec<Problem>),
}

/// Makes an organization and its first registration code.
pub async fn create(core: &Core, actor: &Actor, details: Details, origin: &Origin) -> Result<Saved, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let Some(under) = under(conn, &actor)? else { return Ok(Saved::NotFound) };
            let (partner, problems) = check(conn, &under, &details, None)?;
            if !problems.is_empty() {
                return Ok(Saved::Problems(problems));
            }
            let row = begin(&details, partner, now);
            organizations::insert(conn, &row)?;
            registration_codes::first(conn, &row.id, now)?;
            Entry::new("organization_created", AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&row.id))
                .with("name", row.name.as_str())
                .with("npi", row.npi.as_deref())
                .with("partner", row.managing_partner_id.as_deref())
                .write(conn, &origin, now)?;
            Ok::<_, Fault>(Saved::Done(row.id))
        })
        .await
}

/// Changes what an organization is called, its NPI, its time zone, its partner, and whether a fax number
/// is asked for.
pub async fn edit(core: &Core, actor: &Actor, id: &str, details: Details, origin: &Origin) -> Result<Saved, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let id = id.to_owned();
    core.db
        .write(move |conn| {
            actor.hold_with(conn, Some(&id))?;
            let now = context.clock.now();
            let (Some(under), Some(old)) = (under(conn, &actor)?, reached(conn, &actor, &id)?) else {
                return Ok(Saved::NotFound);
            };
            let (partner, problems) = check(conn, &under, &details, Some(&old))?;
            if !problems.is_empty() {
                return Ok(Saved::Problems(problems));
            }
            let new = begin(&details, partner, now);
            if new.managing_partner_id != old.managing_partner_id {
                owner::disown(conn, &actor, &old, &origin, now)?;
            }
            organizations::rename(conn, &old.id, &new, now)?;
            let domain = details.domain_sign_in.filter(|_| under == Under::Everybody).unwrap_or(old.domain_sign_in);
            organizations::set_domain_sign_in(conn, &old.id, domain, now)?;
            Entry::new("organization_changed", AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&old.id))
                .with("name", new.name.as_str())
                .with("npi", new.npi.as_deref())
                .with("time_zone", new.time_zone.as_str())
                .with("fax_required", new.fax_required)
                .with("partner", new.managing_partner_id.as_deref())
                .with("domain_sign_in", domain.as_str())
                .with("old_domain_sign_in", old.domain_sign_in.as_str())
                .with("old_name", old.name.as_str())
                .with("old_npi", old.npi.as_deref())
                .write(conn, &origin, now)?;
            Ok::<_, Fault>(Saved::Done(old.id))
        })
        .await
}

/// Switches an organization off or on again. Off: nobody is in it at the next request, nobody can enter
/// it, its registration codes and links open nothing, and its API tokens end for good. ASVS 7.4.2. `false`
/// when there is none, or when it stood like that.
pub async fn set_disabled(
    core: &Core,
    actor: &Actor,
    id: &str,
    disabled: bool,
    origin: &Origin,
) -> Result<bool, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let id = id.to_owned();
    let done = core
        .db
        .write(move |conn| {
            actor.hold_with(conn, Some(&id))?;
            let now = context.clock.now();
            if !actor.is_operator() || !organizations::set_disabled(conn, &id, disabled, now)? {
                return Ok(false);
            }
            let Some(organization) = organizations::find(conn, &id)? else { return Ok(false) };
            let (what, so) = match disabled {
                true => ("Your organization was disabled", "Nobody can sign in to it until it is enabled again."),
                false => ("Your organization was enabled", "Its people can sign in again."),
            };
            let deed = Deed { what, so: &format!("{}: {so}", organization.name), subject: None };
            tell_owners(conn, &context, (&actor, BTreeSet::from([id.clone()])), &deed, &origin, now)?;
            let action = if disabled { "organization_disabled" } else { "organization_enabled" };
            let entry = Entry::new(action, AuditResult::Success).by(&actor).in_organization(Some(&id));
            if disabled {
                owner::disown(conn, &actor, &organization, &origin, now)?;
                let ended = sessions::delete_all_in_organization(conn, &id)?;
                remembered_browsers::delete_of_managed(conn, &id)?;
                let revoked = api_tokens::revoke_of_organization(conn, &id, now)?;
                entry.with("sessions_ended", ended).with("api_tokens_revoked", revoked).write(conn, &origin, now)?;
            } else {
                entry.write(conn, &origin, now)?;
            }
            Ok::<_, Fault>(true)
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

/// The one organization with this id, NPI or name; `None` where there is none or more than one.
pub async fn named(core: &Core, text: &str) -> Result<Option<Organization>, Fault> {
    let text = text.to_owned();
    core.db.read(move |conn| find_named(conn, &text)).await
}

/// The same inside a transaction.
pub fn find_named(conn: &mut DbConnection, text: &str) -> Result<Option<Organization>, Fault> {
    let text = text.trim();
    if let Some(found) = organizations::find(conn, text)? {
        return Ok(Some(found));
    }
    let mut found = organizations::list_by_npi(conn, text)?;
    // One that is called by its NPI is one.
    let by_name = organizations::list_by_name(conn, text)?;
    found.extend(by_name.into_iter().filter(|organization| organization.npi.as_deref() != Some(text)));
    Ok(if found.len() == 1 { found.pop() } else { None })
}
