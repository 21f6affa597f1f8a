//! **API Tokens**: the organization's tokens, making one, ending one.

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::api_tokens::{self, Listed, Made, NotMade, Wanted};
use crate::domain::limits::{API_TOKEN_DAYS, API_TOKEN_DAYS_MAX, API_TOKEN_NAME_LENGTH, API_TOKENS_PER_USER};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::ApiScope;
use crate::models::api_tokens::ApiToken;
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{Badge, FormErrors, Frame, Kind};
use crate::web::visitor::Said;

/// GET /admin/api-tokens?before=.
#[derive(Template)]
#[template(path = "admin/api_tokens/list.html")]
pub struct TokensPage {
    pub frame: Frame,
    pub tokens: Vec<TokenLine>,
    pub next: Option<String>,
    /// There is an organization to make one for.
    pub may_make: bool,
}

pub struct TokenLine {
    pub id: String,
    pub name: String,
    pub prefix: String,
    pub owner: String,
    pub scopes: String,
    pub expires: String,
    pub last_used: String,
    pub state: Badge,
    pub may_revoke: bool,
}

/// The form. Posts `name`, `scopes[]` and `days`.
#[derive(Template)]
#[template(path = "admin/api_tokens/new.html")]
pub struct NewTokenPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub typed_name: String,
    pub days: String,
    pub scopes: Vec<ScopeChoice>,
}

pub struct ScopeChoice {
    pub word: &'static str,
    pub text: &'static str,
    pub hint: &'static str,
    pub checked: bool,
}

/// The answer to **Make token**, the only place that ever shows it.
#[derive(Template)]
#[template(path = "admin/api_tokens/made.html")]
pub struct MadePage {
    pub frame: Frame,
    pub name: String,
    pub secret: String,
    pub expires: String,
}

/// GET /admin/api-tokens/{id}/revoke.
#[derive(Template)]
#[template(path = "admin/api_tokens/revoke.html")]
pub struct RevokePage {
    pub frame: Frame,
    pub id: String,
    pub name: String,
    pub prefix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    before: Option<String>,
}

pub async fn list(admin: OrgAdmin, from: Query<From>) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let (tokens, next) = api_tokens::list(core, &admin.actor, from.into_inner().before).await?;
    let (zone, now) = (admin.zone(), core.clock.now());
    page(&TokensPage {
        frame: admin.frame("/admin/api-tokens"),
        tokens: tokens.into_iter().map(|listed| line(listed, &zone, now)).collect(),
        next,
        may_make: admin.actor.organization.is_some(),
    })
}

fn line(listed: Listed, zone: &Zone, now: Timestamp) -> TokenLine {
    let Listed { token, owner, may_revoke } = listed;
    let state = match (&token.revoked_at, token.is_live(now)) {
        (Some(_), _) => Badge::new(Kind::Bad, "Revoked"),
        (None, true) => Badge::new(Kind::Ok, "Active"),
        (None, false) => Badge::new(Kind::Warn, "Expired"),
    };
    TokenLine {
        scopes: token.scopes().into_iter().map(|scope| words(scope).0).collect::<Vec<_>>().join(", "),
        expires: zone.date(token.expires_at),
        last_used: token.last_used_at.map_or_else(|| "Never".into(), |at| zone.day_and_time(at, now)),
        may_revoke: may_revoke && token.is_live(now),
        id: token.id,
        name: token.name,
        prefix: token.prefix,
        owner,
        state,
    }
}

/// A scope beside its box.
fn words(scope: ApiScope) -> (&'static str, &'static str) {
    match scope {
        ApiScope::ReadUsers => ("Read users", "Names, roles, MFA status and factors, without secrets"),
        ApiScope::ResetMfa => ("Reset MFA", "Removes people's factors; they are told by e-mail"),
        ApiScope::EnforceMfa => ("Require MFA", "Turns enforcement on and off; account holders only"),
        ApiScope::ReadAudit => ("Read the audit log", "Everything that happened in this organization"),
        ApiScope::ReadDeliveries => ("Read deliveries", "What was sent to whom, masked, and whether it arrived"),
    }
}

/// GET /admin/api-tokens/new.
pub async fn new(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    let form = NewToken { name: String::new(), scopes: Vec::new(), days: API_TOKEN_DAYS.to_string() };
    page(&form_page(&admin, form, FormErrors::default()))
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    days: String,
}

/// POST /admin/api-tokens/new.
pub async fn make(admin: FreshOrgAdmin, OrgForm(form): OrgForm<NewToken>) -> Result<HttpResponse, AppError> {
    let wanted = match read(&form) {
        Ok(wanted) => wanted,
        Err(errors) => return page(&form_page(&admin, form, errors)),
    };
    let made = api_tokens::make(&admin.visitor.app.core, &admin.actor, wanted, &admin.visitor.origin).await?;
    let error = match made {
        Ok(Made { token, secret }) => {
            return page(&MadePage {
                frame: admin.frame("/admin/api-tokens"),
                expires: admin.zone().date(token.expires_at),
                name: token.name,
                secret: secret.expose().clone(),
            });
        }
        Err(NotMade::NoOrganization) => ("", "Choose an organization first: a token belongs to one.".to_owned()),
        Err(NotMade::TooMany) => {
            ("", format!("You have {API_TOKENS_PER_USER} tokens here. Revoke one that is not used any more."))
        }
        Err(NotMade::NameTaken) => {
            ("name", "You have a token of this name here. Choose another name, or revoke that one first.".to_owned())
        }
        Err(NotMade::Role(scope)) => ("scopes", format!("“{}” is for account holders.", words(scope).0)),
    };
    page(&form_page(&admin, form, FormErrors::one(error.0, error.1)))
}

fn read(form: &NewToken) -> Result<Wanted, FormErrors> {
    let mut errors = FormErrors::default();
    let name = form.name.trim();
    if name.is_empty() {
        errors.add("name", "Enter a name, such as the program that will use the token.");
    } else if name.chars().count() > API_TOKEN_NAME_LENGTH || name.chars().any(char::is_control) {
        errors.add("name", format!("Use at most {API_TOKEN_NAME_LENGTH} characters on one line."));
    }
    let scopes: Vec<ApiScope> = form.scopes.iter().filter_map(|word| ApiScope::parse(word)).collect();
    if scopes.is_empty() || scopes.len() != form.scopes.len() {
        errors.add("scopes", "Check what the token may be used for.");
    }
    let days = form.days.trim().parse::<i64>().ok().filter(|days| (1..=API_TOKEN_DAYS_MAX).contains(days));
    if days.is_none() {
        errors.add("days", format!("Enter a number of days from 1 to {API_TOKEN_DAYS_MAX}."));
    }
    match days {
        Some(days) if errors.is_empty() => Ok(Wanted { name: name.to_owned(), scopes, days }),
        _ => Err(errors),
    }
}

fn form_page(admin: &OrgAdmin, form: NewToken, errors: FormErrors) -> NewTokenPage {
    let choice = |scope: ApiScope| {
        let (text, hint) = words(scope);
        let checked = form.scopes.iter().any(|word| word == scope.as_str());
        ScopeChoice { word: scope.as_str(), text, hint, checked }
    };
    NewTokenPage {
        frame: admin.frame("/admin/api-tokens"),
        errors,
        scopes: api_tokens::scopes_of(&admin.actor).into_iter().map(choice).collect(),
        typed_name: form.name,
        days: form.days,
    }
}

/// GET /admin/api-tokens/{id}/revoke.
pub async fn ask(admin: FreshOrgAdmin, id: Path<String>) -> Result<HttpResponse, AppError> {
    let found = api_tokens::find(&admin.visitor.app.core, &admin.actor, &id).await?;
    let ApiToken { id, name, prefix, .. } = found.ok_or(AppError::NotFound)?;
    page(&RevokePage { frame: admin.frame("/admin/api-tokens"), id, name, prefix })
}

/// POST /admin/api-tokens/{id}/revoke.
pub async fn revoke(
    admin: FreshOrgAdmin,
    id: Path<String>,
    OrgForm(Nothing {}): OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    let found = api_tokens::revoke(&visitor.app.core, &admin.actor, &id, &visitor.origin).await?;
    found.ok_or(AppError::NotFound)?;
    visitor.flash(Said::TokenRevoked);
    Ok(see_other("/admin/api-tokens"))
}
