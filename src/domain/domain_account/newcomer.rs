//! People whom nobody here knows: turned away, or given an account in the one organization that the
//! configuration names for them. From there on they are covered like everybody else. SPEC sections 1, 6; U10.

use super::arrive::{Arrived, Visit};
use super::{insert, second_factor};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Entry;
use crate::domain::people::invite;
use crate::domain::registration::details::{Details, username};
use crate::domain::{Core, organizations};
use crate::identity::oidc::id_token::Identity;
use crate::models::organizations::Organization;
use crate::models::users::{self, User, fold};
use crate::models::{Account, AuditResult, Role, memberships, new_id, profiles};
use crate::secrets::random;

/// The longest of a name or a username that is taken over, in characters.
const LONGEST: usize = 60;

/// Whether a claim may stand as an address here.
pub fn is_address(email: &str) -> bool {
    let (local, host) = email.rsplit_once('@').unwrap_or_default();
    !local.is_empty()
        && host.contains('.')
        && email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// An account for somebody with a verified address that none has: active, without a password, a member.
pub fn make(
    conn: &mut DbConnection,
    core: &Core,
    visit: &Visit,
    identity: &Identity,
    email: &str,
    now: Timestamp,
) -> Result<Result<User, Arrived>, Fault> {
    let Some(organization) = home(conn, visit.settings.organization.as_deref())? else {
        return visit.refuse(conn, None, "no account", now).map(Err);
    };
    let local = email.split('@').next().unwrap_or_default();
    let first = name(identity.first_name.as_deref()).unwrap_or_else(|| local.chars().take(LONGEST).collect());
    let last = name(identity.last_name.as_deref()).unwrap_or_default();
    let username = free_username(conn, identity.username.as_deref().unwrap_or(local))?;
    let user = User {
        id: new_id(now),
        username_lower: fold(&username),
        username,
        email_lower: fold(email),
        email: email.to_owned(),
        first_name_lower: fold(&first),
        first_name: first,
        last_name_lower: fold(&last),
        last_name: last,
        password_hash: None,
        password_changed_at: None,
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: Some(organization.id.clone()),
        operator: false,
        account: Account::Active,
        mfa_epoch: 0,
        terms_version: None,
        terms_accepted_at: None,
        time_zone: None,
        last_sign_in_at: None,
        created_at: now,
        updated_at: now,
        set_up_demanded: false,
        identity_changed_at: None,
    };
    users::insert(conn, &user)?;
    profiles::insert(conn, &invite::profile(&user.id, &Details::default()))?;
    memberships::insert(conn, &invite::membership(&user.id, &organization.id, Role::Member, now))?;
    let second_factor_at = second_factor(&visit.settings, identity, now);
    insert(conn, &user, (&identity.issuer, &identity.subject), second_factor_at, now)?;
    Entry::new("domain_newcomer", AuditResult::Success)
        .of(&user.id)
        .in_organization(Some(&organization.id))
        .with("issuer", identity.issuer.as_str())
        .write(conn, &visit.origin, now)?;
    tracing::info!(
        installation = core.settings.installation,
        user = user.id,
        "an account was made for a domain account"
    );
    Ok(Ok(user))
}

/// The organization that newcomers belong to, by id, NPI or exact name: there once, open, and naming the
/// provider.
fn home(conn: &mut DbConnection, named: Option<&str>) -> Result<Option<Organization>, Fault> {
    let Some(text) = named else { return Ok(None) };
    Ok(organizations::find_named(conn, text)?.filter(|o| o.disabled_at.is_none() && o.names_domain()))
}

/// A name on one line; `None` for nothing.
fn name(claim: Option<&str>) -> Option<String> {
    let clean: String = claim?.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    (!clean.is_empty()).then_some(clean)
}

/// What the provider calls them, as far as it fits and is free.
fn free_username(conn: &mut DbConnection, wanted: &str) -> Result<String, Fault> {
    let wanted = wanted.split('@').next().unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let base: String = wanted.chars().filter(fits).take(LONGEST - 8).collect();
    let base = if username(&base).is_ok() { base } else { "user".into() };
    if base != "user" && users::find_by_username(conn, &base)?.is_none() {
        return Ok(base);
    }
    // As good as certain to be free; the index has the last word.
    Ok(format!("{base}-{}", random::six_digits().expose()))
}
