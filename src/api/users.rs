//! People of the token's organization, and what they enrolled.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::problem::{InputError, Problem, ProblemDetails};
use super::query::{limit, no_cursor};
use super::token::{ApiToken, ReadUsers};
use crate::domain::directory::{self, Cursor, Query, Rest, Row, StatusFilter, Within};
use crate::domain::limits::SEARCH_LENGTH;
use crate::domain::member;
use crate::domain::mfa::MfaStatus;
use crate::domain::times::rfc3339;
use crate::models::factors::Factor;
use crate::models::{Account, FactorKind, FactorState, Role, Scope};
use crate::web::view::{mask_email, mask_phone};

const EXPECTED: &str = "search, organization_id, status, cursor and limit, each at most once";
const STATUS: &str = "Expected enrolled, set-up pending, in grace, exempt, SSO, none or locked.";

/// Who is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// The beginning of a first, last or full name, a username or an e-mail address.
    #[param(max_length = 200, pattern = r"^[^\u0000]*$")]
    search: Option<String>,
    /// The token's organization; another one is not found.
    #[param(pattern = r"^[^\u0000]*$")]
    organization_id: Option<String>,
    /// `enrolled`, `set-up pending`, `in grace`, `exempt`, `SSO`, `none` or `locked`.
    #[param(pattern = "^(enrolled|set-up pending|in grace|exempt|SSO|none|locked)$")]
    status: Option<String>,
    /// The `next_cursor` of the answer before.
    #[param(pattern = r"^([0-9a-f]{2})*\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.[0-3])?$")]
    cursor: Option<String>,
    /// Rows, 50 unless asked otherwise, at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Somebody as a member of an organization.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserView {
    pub user_id: String,
    pub username: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub organization_id: String,
    #[schema(value_type = String, example = "member")]
    pub role: Role,
    #[schema(example = "enrolled")]
    pub mfa_status: String,
    /// RFC 3339, UTC; while grace runs.
    pub grace_until: Option<String>,
    /// `active`, `disabled`, `invited` or `unfinished`.
    #[schema(value_type = String, example = "active")]
    pub account: Account,
    /// RFC 3339, UTC.
    pub last_sign_in: Option<String>,
}

/// People by name.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Users {
    pub users: Vec<UserView>,
    /// Where the next page begins; `null` at the end. A page may be empty and still have a next one.
    pub next_cursor: Option<String>,
}

/// Something enrolled, without its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct FactorView {
    pub factor_id: String,
    #[schema(value_type = String, example = "authenticator")]
    pub kind: FactorKind,
    #[schema(value_type = String, example = "user")]
    pub scope: Scope,
    pub organization_id: Option<String>,
    pub name: String,
    /// Masked.
    #[schema(example = "XXX-XXX-9885")]
    pub phone: Option<String>,
    /// Masked.
    pub email: Option<String>,
    /// Of a hardware token.
    pub serial_number: Option<String>,
    #[schema(value_type = String, example = "active")]
    pub state: FactorState,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub last_used_at: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Factors {
    pub factors: Vec<FactorView>,
    pub recovery_codes_left: i64,
}

impl From<Row> for UserView {
    fn from(row: Row) -> Self {
        let grace_until = match row.status {
            MfaStatus::InGrace(until) => Some(rfc3339(until)),
            _ => None,
        };
        Self {
            mfa_status: row.status.word(),
            grace_until,
            organization_id: row.organization.id,
            role: row.membership.role,
            // Ended here, whatever the account is elsewhere.
            account: if row.membership.disabled_at.is_some() { Account::Disabled } else { row.user.account },
            last_sign_in: row.user.last_sign_in_at.map(rfc3339),
            user_id: row.user.id,
            username: row.user.username,
            email: row.user.email,
            first_name: row.user.first_name,
            last_name: row.user.last_name,
        }
    }
}

impl From<Factor> for FactorView {
    fn from(row: Factor) -> Self {
        Self {
            factor_id: row.id,
            kind: row.kind,
            scope: row.scope,
            organization_id: row.organization_id,
            name: row.name,
            phone: row.phone.as_deref().map(mask_phone),
            email: row.email.as_deref().map(mask_email),
            serial_number: row.serial,
            state: row.state,
            created_at: rfc3339(row.created_at),
            last_used_at: row.last_used_at.map(rfc3339),
        }
    }
}

#[utoipa::path(
    get,
    path = "/user/users",
    tag = "user",
    operation_id = "listUsers",
    summary = "People of the organization",
    description = "By last and first name, one row per membership.",
    params(Params),
    responses(
        (status = 200, description = "A page of people", body = Users),
        (status = 400, description = "A parameter is not as expected", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "Another organization", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn list(token: ApiToken<ReadUsers>) -> Result<HttpResponse, Problem> {
    let params: Params = token.query(EXPECTED)?;
    let wrong = |name: &str, detail: String| Problem::input(EXPECTED, &[InputError::parameter(name, detail)]);
    let limit = usize::try_from(limit(params.limit, EXPECTED)?).unwrap_or(1);
    let search = params.search.unwrap_or_default();
    if search.chars().count() > SEARCH_LENGTH {
        return Err(wrong("search", format!("Expected at most {SEARCH_LENGTH} characters.")));
    }
    let status = match params.status {
        Some(word) => Some(status(&word).ok_or_else(|| wrong("status", STATUS.into()))?),
        None => None,
    };
    let after = match params.cursor {
        Some(text) => Some(Cursor::parse(&text).ok_or_else(|| no_cursor(EXPECTED))?),
        None => None,
    };
    let organization_id = token.caller.organization.id.clone();
    if params.organization_id.is_some_and(|id| id != organization_id) {
        return Err(Problem::not_found());
    }
    let within = Within::Organizations(vec![organization_id]);
    let query = Query { search, status, after, limit, ..Query::within(within) };
    let page = directory::list(&token.app.core, query).await?;
    let next_cursor = match page.rest {
        Rest::End => None,
        Rest::Next(cursor) | Rest::Continue(cursor) => Some(cursor.encode()),
    };
    Ok(HttpResponse::Ok().json(Users { users: page.rows.into_iter().map(UserView::from).collect(), next_cursor }))
}

/// A status by the words that the description of the API lists, and no others.
fn status(word: &str) -> Option<StatusFilter> {
    Some(match word {
        "enrolled" => StatusFilter::Enrolled,
        "set-up pending" => StatusFilter::SetupPending,
        "in grace" => StatusFilter::InGrace,
        "exempt" => StatusFilter::Exempt,
        "SSO" => StatusFilter::Sso,
        "none" => StatusFilter::None,
        "locked" => StatusFilter::Locked,
        _ => return None,
    })
}

#[utoipa::path(
    get,
    path = "/user/users/{id}",
    tag = "user",
    operation_id = "findUser",
    summary = "One person",
    params(("id" = String, Path, description = "The User ID")),
    responses(
        (status = 200, description = "The person", body = UserView),
        (status = 400, description = "There are no parameters", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of this organization", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn find(token: ApiToken<ReadUsers>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    token.no_query()?;
    let found = member::find(&token.app.core, &token.caller.organization, &id).await?;
    Ok(HttpResponse::Ok().json(UserView::from(found.ok_or_else(Problem::not_found)?)))
}

#[utoipa::path(
    get,
    path = "/user/users/{id}/factors",
    tag = "user",
    operation_id = "listFactors",
    summary = "What somebody enrolled",
    description = "Factors that count everywhere, and those of the token's organization; never a secret.",
    params(("id" = String, Path, description = "The User ID")),
    responses(
        (status = 200, description = "Factors, last used first", body = Factors),
        (status = 400, description = "There are no parameters", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of this organization", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn factors(token: ApiToken<ReadUsers>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    token.no_query()?;
    let found = member::factors(&token.app.core, &token.caller.organization, &id).await?;
    let (factors, recovery_codes_left) = found.ok_or_else(Problem::not_found)?;
    let factors = factors.into_iter().map(FactorView::from).collect();
    Ok(HttpResponse::Ok().json(Factors { factors, recovery_codes_left }))
}
