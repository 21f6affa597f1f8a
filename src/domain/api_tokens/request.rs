//! One request with a token: whose it is, what they may do now, how many more there may be.

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{API_REQUESTS, API_REQUESTS_WITHIN, API_TOKEN_USED_EVERY};
use crate::domain::safelist;
use crate::domain::sign_in::set_up;
use crate::domain::throttle::{self, Allowance};
use crate::models::api_tokens::{self, ApiToken};
use crate::models::memberships::Membership;
use crate::models::organizations::{self, Organization};
use crate::models::users::{self, User};
use crate::models::{Account, ApiScope, AuditResult, memberships, sessions};
use crate::secrets::key_ring::sha256;

use super::may_use;

/// What a request wants.
#[derive(Clone, Debug)]
pub struct Need {
    pub scope: ApiScope,
    /// Method and path pattern, for the audit entry of a refusal.
    pub request: String,
}

/// Who calls.
#[derive(Clone)]
pub struct Caller {
    pub token: ApiToken,
    /// The person behind the token, in its organization and no other.
    pub actor: Actor,
    pub organization: Organization,
}

/// Why a request is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    TooMany,
    /// No token, or one that is unknown, ended, or whose account, organization or session is.
    Unknown,
    Scope,
    Role,
    /// The organization demands a factor, and the token's owner has none that counts.
    MfaRequired,
    /// The organization's IP Safelist leaves this address out.
    Address,
}

/// The verdict, and what is left of the limit; nothing where none applies.
pub struct Judged {
    pub verdict: Result<Box<Caller>, Denied>,
    pub allowance: Option<Allowance>,
}

/// Judges the token that came with a request.
pub async fn judge(core: &Core, presented: Option<&str>, need: Need, origin: &Origin) -> Result<Judged, Fault> {
    let (hash, origin, now) = (presented.map(sha256), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            let mut allowance = None;
            if !origin.unlimited {
                let by_address = draw(conn, &format!("api:address:{}", origin.limited_as), now)?;
                allowance = Some(by_address);
                if !by_address.taken {
                    return Ok(Judged { verdict: Err(Denied::TooMany), allowance });
                }
            }
            let found = match hash {
                Some(hash) => known(conn, &hash, now)?,
                None => None,
            };
            let Some((token, user, organization)) = found else {
                return Ok(Judged { verdict: Err(Denied::Unknown), allowance });
            };
            let by_token = draw(conn, &counted_as(&token), now)?;
            allowance = Some(allowance.filter(|a| a.remaining < by_token.remaining).unwrap_or(by_token));
            if !by_token.taken {
                return Ok(Judged { verdict: Err(Denied::TooMany), allowance: Some(by_token) });
            }
            let verdict = admit(conn, token, user, organization, &need, &origin, now)?;
            Ok(Judged { verdict, allowance })
        })
        .await
}

fn draw(conn: &mut DbConnection, key: &str, now: Timestamp) -> Result<Allowance, Fault> {
    Ok(throttle::draw(conn, key, API_REQUESTS, API_REQUESTS_WITHIN, now)?)
}

/// A page that is loaded again gets a new token and no new allowance.
fn counted_as(token: &ApiToken) -> String {
    match token.session_id {
        Some(_) => format!("api:token:help:{}", token.user_id),
        None => format!("api:token:{}", token.id),
    }
}

/// A live token with its account and organization. ASVS 7.4.2.
fn known(
    conn: &mut DbConnection,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<(ApiToken, User, Organization)>, Fault> {
    let Some(token) = api_tokens::find_by_hash(conn, hash)?.filter(|token| token.is_live(now)) else {
        return Ok(None);
    };
    let Some(user) = users::find(conn, &token.user_id)?.filter(|user| user.account == Account::Active) else {
        return Ok(None);
    };
    if let Some(session_id) = &token.session_id {
        let session = sessions::find(conn, session_id)?;
        if !session.is_some_and(|s| s.is_live(now) && s.mfa_epoch == user.mfa_epoch) {
            return Ok(None);
        }
    }
    let organization = organizations::find(conn, &token.organization_id)?.filter(|o| o.disabled_at.is_none());
    Ok(organization.map(|organization| (token, user, organization)))
}

fn admit(
    conn: &mut DbConnection,
    token: ApiToken,
    user: User,
    organization: Organization,
    need: &Need,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<Box<Caller>, Denied>, Fault> {
    let membership = memberships::find_active(conn, &user.id, &organization.id)?;
    let denied = if !has_role(&user, membership.as_ref(), need.scope) {
        Some(Denied::Role)
    } else if !token.scopes().contains(&need.scope) {
        Some(Denied::Scope)
    } else if !safelist::admits_in(conn, &organization.id, &origin.address)? {
        Some(Denied::Address)
    } else if let Some(membership) = &membership
        && set_up::is_due(conn, &user, membership, &organization, now)?
    {
        Some(Denied::MfaRequired)
    } else {
        None
    };
    if let Some(denied) = denied {
        refused(conn, &token, need, denied, origin, now)?;
        return Ok(Err(denied));
    }
    if token.last_used_at.is_none_or(|at| at + API_TOKEN_USED_EVERY <= now || now < at) {
        api_tokens::used(conn, &token.id, now)?;
    }
    let actor = Actor {
        role: membership.map(|m| m.role),
        reach: Reach::Organizations(vec![organization.id.clone()]),
        organization: Some(organization.clone()),
        user,
        via: Via::Api,
    };
    Ok(Ok(Box::new(Caller { token, actor, organization })))
}

/// The role in the token's organization, as it is now.
fn has_role(user: &User, membership: Option<&Membership>, scope: ApiScope) -> bool {
    may_use(user.operator, membership.map(|m| m.role), scope)
}

/// ASVS 16.3.2.
fn refused(
    conn: &mut DbConnection,
    token: &ApiToken,
    need: &Need,
    denied: Denied,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let why = match denied {
        Denied::Role => "role",
        Denied::Scope => "scope",
        Denied::MfaRequired => "mfa_required",
        Denied::Address => "address",
        Denied::TooMany | Denied::Unknown => "token",
    };
    Ok(Entry::new("api_refused", AuditResult::Refused)
        .of(&token.user_id)
        .in_organization(Some(&token.organization_id))
        .with("request", need.request.as_str())
        .with("scope", need.scope.as_str())
        .with("why", why)
        .with("token", token.id.as_str())
        .write(conn, origin, now)?)
}
