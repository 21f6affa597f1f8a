//! Domain accounts: signing in at the organization's own provider by OpenID Connect. A person is an
//! issuer and a subject, never an address; the first time, the provider's verified address finds the
//! account and a local proof shows that it is theirs. From there on the sign-in goes its usual way,
//! without the second step where the provider proves one. SPEC sections 2 and 6; ASVS 6.8, 10.1 to 10.5.

mod arrive;
mod begin;
mod link;
mod newcomer;

use time::Duration;

use super::access::Access;
use super::audit::{Entry, Origin};
use super::limits::*;
use super::{Core, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::identity::oidc::id_token::Identity;
use crate::identity::oidc::{OidcSettings, Ties};
use crate::models::domain_identities::{self, DomainIdentity};
use crate::models::domain_sign_ins;
use crate::models::organizations::{self, Organization};
use crate::models::sessions::Session;
use crate::models::users::User;
use crate::models::{AuditResult, DomainPolicy, DomainState, QueryResult, Stage, new_id};
use crate::outbox::line::Line;
use crate::outbox::messages::DomainLinked;
use crate::secrets::Secret;

pub use arrive::{Arrived, Returned, arrive};
pub use begin::{away, begin, find};
pub use link::{Claim, Proven, by_code, by_password, claim, send};

/// Whether this person's managing organization wants domain accounts only, so that passwords open
/// nothing. Operators keep theirs: somebody has to get in when the provider is down. Asked for strangers
/// too, so that both cost the same.
pub fn refuses_password(conn: &mut DbConnection, user: Option<&User>) -> QueryResult<bool> {
    let managing = user.and_then(|u| u.managing_organization_id.as_deref()).unwrap_or_default();
    let policy = organizations::find(conn, managing)?.map(|o| o.domain_sign_in);
    Ok(policy == Some(DomainPolicy::Only) && user.is_some_and(|u| !u.operator))
}

/// Whether a session came by a domain account and is where domain accounts open nothing any more, or
/// came otherwise and its managing organization wants domain accounts only, however it was opened:
/// by password before that was so, by a registration, by an invitation.
pub fn is_void(access: &Access, session: &Session) -> bool {
    if session.stage != Stage::SignedIn {
        return false;
    }
    if session.domain_sign_in_id.is_none() {
        return managed_by_domain(access).is_some();
    }
    match access.current(session) {
        Some((_, current)) => !current.names_domain(),
        None => !access.memberships.iter().any(|(_, o)| o.names_domain()),
    }
}

/// Whether a session that is about to be opened would be void at once ([`is_void`]), because it did not
/// come by a domain account.
pub fn keeps_out(access: &Access, session: &Session) -> bool {
    session.domain_sign_in_id.is_none() && managed_by_domain(access).is_some()
}

/// The same as [`refuses_password`], from what is known of somebody already: the managing organization
/// that wants domain accounts only.
pub fn managed_by_domain(access: &Access) -> Option<&Organization> {
    let managing = access.user.managing_organization_id.as_deref();
    let only = |o: &&Organization| Some(o.id.as_str()) == managing && o.domain_sign_in == DomainPolicy::Only;
    access.memberships.iter().map(|(_, o)| o).find(only).filter(|_| !access.user.operator)
}

/// Whether an organization's provider answers for somebody's second step: the status *SSO*. `proves` is
/// what [`proves_second_factor`] found.
pub fn answers_for(organization: &Organization, proves: bool) -> bool {
    proves && organization.names_domain() && !organization.org_level_mfa
}

/// Whether somebody's domain account stands for a second factor in an organization. Nobody is asked about
/// where it can't.
pub fn proves_here(conn: &mut DbConnection, user_id: &str, organization: &Organization) -> QueryResult<bool> {
    Ok(answers_for(organization, true) && proves_second_factor(conn, user_id)?)
}

/// Whether the provider proved a second factor when this person last came by it.
pub fn proves_second_factor(conn: &mut DbConnection, user_id: &str) -> QueryResult<bool> {
    domain_identities::has_second_factor(conn, user_id)
}

/// State, nonce and PKCE's verifier of the browser that holds `token`: 32 bytes each, worked out under a
/// server key, so that the database holds none of them and any node has them.
fn ties(core: &Core, token: &Secret<String>) -> Ties {
    let value = |purpose: &str| {
        data_encoding::BASE64URL_NOPAD.encode(&core.keys.code_hash(&format!("domain {purpose}"), token.expose()))
    };
    Ties { state: value("state"), nonce: value("nonce"), verifier: Secret::new(value("verifier")) }
}

/// When the provider proved a second factor: by a configured `acr` or `amr`, and shown lately. `None`
/// for everything else: what is not said is one factor. ASVS 6.8.4.
fn second_factor(settings: &OidcSettings, identity: &Identity, now: Timestamp) -> Option<Timestamp> {
    let at = identity.authenticated_at.filter(|at| now < *at + OIDC_AUTHENTICATED + OIDC_LEEWAY)?;
    let by_acr = identity.acr.as_ref().is_some_and(|acr| settings.acr_values.contains(acr));
    let by_amr = identity.amr.iter().any(|amr| settings.amr_values.contains(amr));
    (by_acr || by_amr).then_some(at.min(now))
}

/// At the end of a sign-in that came by a domain account: the link is kept where the account was shown
/// to be theirs, with whatever else its sign-in asked, and the owner is told at every address.
pub fn keep(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(id) = &session.domain_sign_in_id else { return Ok(()) };
    let Some(row) = domain_sign_ins::find(conn, id)?.filter(|row| row.state == DomainState::Proven) else {
        return Ok(());
    };
    let subject = row.subject.filter(|_| row.user_id.as_ref() == Some(&user.id)).ok_or(Fault::Ended)?;
    if !domain_sign_ins::advance(conn, id, DomainState::Proven, DomainState::Done)? {
        return Err(Fault::Ended);
    }
    insert(conn, user, (&row.issuer, &subject), row.second_factor_at, now)?;
    Entry::new("domain_linked", AuditResult::Success)
        .of(&user.id)
        .with("issuer", row.issuer.as_str())
        .write(conn, origin, now)?;
    let host = host(&row.issuer);
    let message =
        |zone: &_| Box::new(DomainLinked { host: Line::new(&host), asked: notices::asked(zone, origin, now) }) as _;
    notices::tell_everywhere(conn, core, user, "domain_linked", message, now)
}

/// The host of an issuer, as people know it.
pub fn host(issuer: &str) -> String {
    let url = url::Url::parse(issuer).ok();
    url.as_ref().and_then(|url| url.host_str()).unwrap_or(issuer).to_owned()
}

fn insert(
    conn: &mut DbConnection,
    user: &User,
    (issuer, subject): (&str, &str),
    second_factor_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    if domain_identities::find(conn, issuer, subject)?.is_some() {
        // Linked in another window meanwhile.
        return Err(Fault::Ended);
    }
    let row = DomainIdentity {
        id: new_id(now),
        user_id: user.id.clone(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        created_at: now,
        last_used_at: now,
        second_factor_at,
    };
    Ok(domain_identities::insert(conn, &row)?)
}

/// What the count of begun sign-ins is filed under.
fn begun_key(origin: &Origin) -> String {
    format!("domain:begun:{}", origin.limited_as)
}

/// How long somebody may take to show that an account is theirs.
const PROOF: Duration = DOMAIN_SIGN_IN;
