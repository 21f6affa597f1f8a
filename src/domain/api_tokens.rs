//! Tokens for the API: a secret of 32 bytes that stands for a person in one organization, for named
//! scopes, until a date. What the person may do is read again at each request, so that a token never
//! outlives its maker's rights. ASVS 7.2.2, 8.3.2, 11.5.1.

pub mod request;

use data_encoding::BASE32_NOPAD;
use time::Duration;

use super::Core;
use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::limits::*;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::api_tokens::{self, ApiToken};
use crate::models::sessions::Session;
use crate::models::users::{self, User};
use crate::models::{ApiScope, AuditResult, QueryResult, Role, new_id};
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// What tokens of this program begin with, so that scanners for leaked secrets know them.
const MARK: &str = "vst";
/// Rows on a page of **API Tokens**.
const PAGE: i64 = 50;

/// What a scope takes besides the token: the least role in its organization.
pub fn least_role(scope: ApiScope) -> Role {
    match scope {
        ApiScope::EnforceMfa => Role::Owner,
        _ => Role::Admin,
    }
}

/// What somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub name: String,
    pub scopes: Vec<ApiScope>,
    pub days: i64,
}

/// A token that was made. The secret is shown once.
pub struct Made {
    pub token: ApiToken,
    pub secret: Secret<String>,
}

/// Why no token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// Tokens belong to an organization, and none is acted in.
    NoOrganization,
    /// There are too many live ones.
    TooMany,
    /// A live one of theirs has this name: a form that was sent twice makes one token.
    NameTaken,
    /// A scope that takes a higher role.
    Role(ApiScope),
}

/// Whether somebody with this role in a token's organization may use a scope. An operator reads everywhere;
/// what they do to others wants a reason, which only the console asks for.
pub fn may_use(operator: bool, role: Option<Role>, scope: ApiScope) -> bool {
    let reads = !matches!(scope, ApiScope::ResetMfa | ApiScope::EnforceMfa);
    role >= Some(least_role(scope)) || (operator && reads)
}

/// The scopes that somebody may give to a token of theirs.
pub fn scopes_of(actor: &Actor) -> Vec<ApiScope> {
    let may = |scope: &&ApiScope| may_use(actor.user.operator, actor.role, **scope);
    ApiScope::ALL.iter().filter(may).copied().collect()
}

/// Makes a token that somebody keeps.
pub async fn make(core: &Core, actor: &Actor, wanted: Wanted, origin: &Origin) -> Result<Result<Made, NotMade>, Fault> {
    let Some(organization_id) = actor.organization_id().map(ToOwned::to_owned) else {
        return Ok(Err(NotMade::NoOrganization));
    };
    let allowed = scopes_of(actor);
    if let Some(scope) = wanted.scopes.iter().find(|scope| !allowed.contains(scope)) {
        return Ok(Err(NotMade::Role(*scope)));
    }
    let (actor, user, origin, now) = (actor.clone(), actor.user.clone(), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            // The account's row holds back a second form of the same person.
            users::lock(conn, &user.id)?;
            let names = api_tokens::live_names(conn, &user.id, &organization_id, now)?;
            if names.iter().any(|name| name.to_lowercase() == wanted.name.to_lowercase()) {
                return Ok(Err(NotMade::NameTaken));
            }
            if names.len() >= API_TOKENS_PER_USER {
                return Ok(Err(NotMade::TooMany));
            }
            let made = new(&user, &organization_id, &wanted, now);
            api_tokens::insert(conn, &made.token)?;
            audit("api_token_made", &made.token, &user).write(conn, &origin, now)?;
            Ok(Ok(made))
        })
        .await
}

/// Makes the token with which **Swagger Docs** tries requests out: ten minutes, with this person's
/// rights, and no longer than the session.
pub async fn make_for_help(
    core: &Core,
    actor: &Actor,
    session: &Session,
    origin: &Origin,
) -> Result<Result<Made, NotMade>, Fault> {
    let Some(organization_id) = actor.organization_id().map(ToOwned::to_owned) else {
        return Ok(Err(NotMade::NoOrganization));
    };
    let wanted = Wanted { name: "Swagger Docs".into(), scopes: scopes_of(actor), days: 1 };
    let (actor, user, session) = (actor.clone(), actor.user.clone(), session.clone());
    let (origin, now) = (origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let mut made = new(&user, &organization_id, &wanted, now);
            made.token.expires_at = (now + HELP_TOKEN).min(session.expires_at);
            made.token.session_id = Some(session.id.clone());
            api_tokens::insert(conn, &made.token)?;
            audit("api_token_for_help", &made.token, &user).write(conn, &origin, now)?;
            Ok(Ok(made))
        })
        .await
}

fn new(user: &User, organization_id: &str, wanted: &Wanted, now: Timestamp) -> Made {
    let prefix = format!("{MARK}_{}", BASE32_NOPAD.encode(&random::bytes::<5>()).to_lowercase());
    let secret = Secret::new(format!("{prefix}_{}", random::token().expose()));
    let scopes: Vec<&str> = wanted.scopes.iter().map(|scope| scope.as_str()).collect();
    let token = ApiToken {
        id: new_id(now),
        token_hash: sha256(secret.expose()),
        prefix,
        name: wanted.name.clone(),
        user_id: user.id.clone(),
        organization_id: organization_id.to_owned(),
        session_id: None,
        scopes: scopes.join(","),
        created_at: now,
        expires_at: now + Duration::days(wanted.days),
        last_used_at: None,
        revoked_at: None,
    };
    Made { token, secret }
}

fn audit<'a>(action: &'a str, token: &'a ApiToken, user: &'a User) -> Entry<'a> {
    Entry::new(action, AuditResult::Success)
        .of(&user.id)
        .in_organization(Some(&token.organization_id))
        .with("token", token.id.as_str())
        .with("prefix", token.prefix.as_str())
        .with("scopes", token.scopes.as_str())
}

/// A token in the list, with whose it is.
pub struct Listed {
    pub token: ApiToken,
    pub owner: String,
    /// Whether the reader may end it.
    pub may_revoke: bool,
}

/// A page of an organization's tokens, newest first, and where the next one begins.
pub async fn list(core: &Core, actor: &Actor, before: Option<String>) -> Result<(Vec<Listed>, Option<String>), Fault> {
    let Some(organization_id) = actor.organization_id().map(ToOwned::to_owned) else {
        return Ok((Vec::new(), None));
    };
    let (reader, owner) = (actor.user.id.clone(), actor.is_owner());
    core.db
        .read(move |conn| {
            let mut rows = api_tokens::list(conn, &organization_id, before.as_deref(), PAGE + 1)?;
            let more = rows.len() > PAGE as usize;
            rows.truncate(PAGE as usize);
            let next = rows.last().filter(|_| more).map(|row| row.id.clone());
            let mut listed = Vec::new();
            for token in rows {
                let name = users::find(conn, &token.user_id)?.map(|user| user.full_name()).unwrap_or_default();
                let may_revoke = owner || token.user_id == reader;
                listed.push(Listed { token, owner: name, may_revoke });
            }
            Ok((listed, next))
        })
        .await
}

/// One token of the organization that this person may end; `None` answers like an unknown one.
pub async fn find(core: &Core, actor: &Actor, id: &str) -> Result<Option<ApiToken>, Fault> {
    let (actor, id) = (actor.clone(), id.to_owned());
    core.db.read(move |conn| Ok(within(conn, &actor, &id)?)).await
}

fn within(conn: &mut DbConnection, actor: &Actor, id: &str) -> QueryResult<Option<ApiToken>> {
    let mine = |token: &ApiToken| {
        token.session_id.is_none()
            && Some(token.organization_id.as_str()) == actor.organization_id()
            && (actor.is_owner() || token.user_id == actor.user.id)
    };
    Ok(api_tokens::find(conn, id)?.filter(mine))
}

/// Ends a token; `None` when it is none of theirs. A second click finds it ended.
pub async fn revoke(core: &Core, actor: &Actor, id: &str, origin: &Origin) -> Result<Option<ApiToken>, Fault> {
    let (actor, id, origin, now) = (actor.clone(), id.to_owned(), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let Some(token) = within(conn, &actor, &id)? else { return Ok(None) };
            if api_tokens::revoke(conn, &id, now)? {
                audit("api_token_revoked", &token, &actor.user)
                    .with("owner", token.user_id.as_str())
                    .write(conn, &origin, now)?;
            }
            Ok(Some(token))
        })
        .await
}
