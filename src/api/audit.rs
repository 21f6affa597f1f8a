//! The audit log for programs.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::problem::{InputError, Problem, ProblemDetails};
use super::query::{cursor, limit, moment};
use super::token::{ApiToken, ReadAudit};
use crate::domain::audit_log::export::AuditEntryView;
use crate::domain::audit_log::{self, Cursor, Query};
use crate::models::AuditResult;

const EXPECTED: &str = "who, about, action, result, from, until, cursor and limit, each at most once";

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Beginning of the name, username or e-mail address of who acted, or the User ID.
    #[param(pattern = r"^[^\u0000]*$")]
    who: Option<String>,
    /// The same of whom it is about.
    #[param(pattern = r"^[^\u0000]*$")]
    about: Option<String>,
    /// An action, such as `mfa_reset`.
    #[param(pattern = r"^[^\u0000]*$")]
    action: Option<String>,
    /// `success`, `failure` or `refused`.
    #[param(pattern = "^(success|failure|refused)$")]
    result: Option<String>,
    /// RFC 3339: not before this moment.
    #[param(format = DateTime)]
    from: Option<String>,
    /// RFC 3339: before this moment.
    #[param(format = DateTime)]
    until: Option<String>,
    /// The `next_cursor` of the answer before.
    #[param(pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    cursor: Option<String>,
    /// Rows, 50 unless asked otherwise, at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Entries, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Entries {
    pub entries: Vec<AuditEntryView>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

#[utoipa::path(
    get,
    path = "/audit/entries",
    tag = "audit",
    operation_id = "listAuditEntries",
    summary = "Entries of the audit log",
    description = "What happened in the token's organization, newest first.",
    params(Params),
    responses(
        (status = 200, description = "A page of entries", body = Entries),
        (status = 400, description = "A parameter is not as expected", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn list(token: ApiToken<ReadAudit>) -> Result<HttpResponse, Problem> {
    let params: Params = token.query(EXPECTED)?;
    let limit = limit(params.limit, EXPECTED)?;
    let result = match params.result.as_deref() {
        None => None,
        Some(word) => Some(AuditResult::parse(word).ok_or_else(|| {
            Problem::input(EXPECTED, &[InputError::parameter("result", "Expected success, failure or refused.")])
        })?),
    };
    let query = Query {
        who: params.who,
        about: params.about,
        actions: params.action.map(|action| vec![action]),
        result,
        from: moment("from", params.from, EXPECTED)?,
        until: moment("until", params.until, EXPECTED)?,
        organization_id: None,
    };
    let cursor = cursor(params.cursor, EXPECTED)?.map_or(Cursor::Newest, Cursor::Older);
    let page = audit_log::page(&token.app.core, &token.caller.actor, &query, &cursor, Some(limit)).await?;
    if let Some(field) = page.too_wide {
        let detail = "More people match than can be looked for at once.";
        return Err(Problem::input(EXPECTED, &[InputError::parameter(field, detail)]));
    }
    let entries = page.entries.into_iter().map(AuditEntryView::from).collect();
    Ok(HttpResponse::Ok().json(Entries { entries, next_cursor: page.older }))
}
