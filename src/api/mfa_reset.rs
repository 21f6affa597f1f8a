//! The one reset, for programs: all or nothing.

use std::collections::{BTreeMap, HashSet};

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::body::Body;
use super::problem::{InputError, Problem, ProblemDetails};
use super::token::{ApiToken, ResetMfa};
use crate::domain::limits::RESET_PEOPLE;
use crate::domain::mfa_reset::{self, Done, Refusal, Refusals, Request};
use crate::models::ResetScope;

const EXPECTED: &str = "an array of 1 to 500 distinct User IDs, such as [\"value 1\"]";

/// The body, for the description: what `ids` takes.
pub struct UserIds;

impl PartialSchema for UserIds {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).pattern(Some(r"\S"));
        let all = ArrayBuilder::new().items(id).min_items(Some(1)).max_items(Some(RESET_PEOPLE)).unique_items(true);
        all.into()
    }
}

impl ToSchema for UserIds {}

/// What was done.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ResetAnswer {
    /// By which the audit log and the mails call it.
    #[schema(example = "7HQ2M-K4TZX")]
    pub reference: String,
    pub results: Vec<ResetResult>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct ResetResult {
    pub user_id: String,
    /// `reset` or `nothing_to_reset`.
    #[schema(example = "reset")]
    pub result: String,
    /// How many of each kind were deleted.
    #[schema(example = json!({"authenticator": 1}))]
    pub deleted: BTreeMap<String, usize>,
    /// Hardware tokens that have to be activated again.
    #[schema(example = json!({"hardware_token": 1}))]
    pub deactivated: BTreeMap<String, usize>,
    /// Whether the token's organization demands that a factor is set up at the next sign-in.
    pub setup_required: bool,
}

impl From<Done> for ResetResult {
    fn from(done: Done) -> Self {
        let removal = done.removal;
        let token = (removal.deactivated > 0).then(|| ("hardware_token".to_owned(), removal.deactivated));
        Self {
            user_id: done.user_id,
            result: done.outcome.as_str().to_owned(),
            deleted: removal.deleted.iter().map(|(kind, many)| (kind.as_str().to_owned(), *many)).collect(),
            deactivated: token.into_iter().collect(),
            setup_required: removal.setup_required,
        }
    }
}

/// 400, for the description.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InputProblem {
    #[serde(flatten)]
    pub problem: ProblemDetails,
    pub errors: Vec<InputError>,
}

/// 404 for ids in a body, for the description.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UnknownIdsProblem {
    #[serde(flatten)]
    pub problem: ProblemDetails,
    pub unknown_ids: Vec<String>,
}

/// 409, for the description.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RefusedProblem {
    #[serde(flatten)]
    pub problem: ProblemDetails,
    pub refused: Vec<RefusedUser>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct RefusedUser {
    pub user_id: String,
    /// `self`, `higher_role` or `managed_elsewhere`.
    #[schema(example = "self")]
    pub reason: String,
}

#[utoipa::path(
    put,
    path = "/user/users/mfa/reset",
    tag = "user",
    operation_id = "resetMfa",
    summary = "Reset MFA",
    description = "Deletes the user-level factors of these people, ends their sessions and remembered browsers, lifts \
                   pauses and tells them. All of them or nobody; passwords stay.",
    request_body(content = UserIds, description = "User IDs, 1 to 500", content_type = "application/json", example = json!(["value 1"])),
    responses(
        (status = 200, description = "Done", body = ResetAnswer),
        (status = 400, description = "The body is not as expected; nothing was changed", body = InputProblem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "Somebody is unknown; nothing was changed", body = UnknownIdsProblem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody may not be reset; nothing was changed", body = RefusedProblem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn user_level(token: ApiToken<ResetMfa>, body: Body) -> Result<HttpResponse, Problem> {
    reset(token, body, ResetScope::User, "PUT /user/users/mfa/reset").await
}

#[utoipa::path(
    put,
    path = "/user/users/mfa/reset-org-level",
    tag = "user",
    operation_id = "resetOrgLevelMfa",
    summary = "Reset organization-level MFA",
    description = "The same for the factors that these people enrolled for the token's organization alone.",
    request_body(content = UserIds, description = "User IDs, 1 to 500", content_type = "application/json", example = json!(["value 1"])),
    responses(
        (status = 200, description = "Done", body = ResetAnswer),
        (status = 400, description = "The body is not as expected; nothing was changed", body = InputProblem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "Somebody is unknown; nothing was changed", body = UnknownIdsProblem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody may not be reset; nothing was changed", body = RefusedProblem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn org_level(token: ApiToken<ResetMfa>, body: Body) -> Result<HttpResponse, Problem> {
    reset(token, body, ResetScope::Organization, "PUT /user/users/mfa/reset-org-level").await
}

async fn reset(token: ApiToken<ResetMfa>, body: Body, scope: ResetScope, label: &str) -> Result<HttpResponse, Problem> {
    let user_ids = ids(&body.json(EXPECTED).await?).map_err(|errors| Problem::input(EXPECTED, &errors))?;
    token.no_query()?;
    // No database keeps a NUL, so nobody has such an id.
    let impossible: Vec<String> = user_ids.iter().filter(|id| id.contains('\0')).cloned().collect();
    if !impossible.is_empty() {
        return Err(Problem::unknown_ids(&impossible));
    }
    let (reason, operator_confirmed) = (String::new(), false);
    let request = Request { user_ids, scope, label: label.to_owned(), reason, operator_confirmed };
    match mfa_reset::reset(&token.app.core, &token.caller.actor, request, &token.origin).await? {
        Ok(receipt) => Ok(HttpResponse::Ok().json(ResetAnswer {
            reference: receipt.reference,
            results: receipt.results.into_iter().map(ResetResult::from).collect(),
        })),
        Err(Refusals::People { unknown_ids, refused }) => Err(refusal(&unknown_ids, &refused)),
        Err(Refusals::ReasonWanted | Refusals::ReasonTooLong | Refusals::ConfirmationWanted) => {
            Err(Problem::forbidden("role", "Operators reset in the console, which asks for a reason."))
        }
    }
}

/// The ids in a body, each once.
fn ids(body: &Value) -> Result<Vec<String>, Vec<InputError>> {
    let Value::Array(values) = body else {
        return Err(vec![InputError::at("", "Expected an array.")]);
    };
    if values.is_empty() {
        return Err(vec![InputError::at("", "Expected at least one User ID.")]);
    }
    if values.len() > RESET_PEOPLE {
        return Err(vec![InputError::at("", format!("Expected at most {RESET_PEOPLE} User IDs."))]);
    }
    let (mut seen, mut ids, mut errors) = (HashSet::new(), Vec::new(), Vec::new());
    for (place, value) in values.iter().enumerate() {
        match value {
            Value::String(id) if id.trim().is_empty() => {
                errors.push(InputError::at(format!("/{place}"), "Expected a User ID, and this is empty."));
            }
            Value::String(id) if seen.insert(id) => ids.push(id.clone()),
            Value::String(_) => errors.push(InputError::at(format!("/{place}"), "This User ID came before.")),
            _ => errors.push(InputError::at(format!("/{place}"), "Expected a string.")),
        }
    }
    if errors.is_empty() { Ok(ids) } else { Err(errors) }
}

/// Unknown ids come first: who is not there is not told about others.
fn refusal(unknown_ids: &[String], refused: &[(String, Refusal)]) -> Problem {
    if !unknown_ids.is_empty() {
        return Problem::unknown_ids(unknown_ids);
    }
    let detail = match refused {
        [(_, Refusal::Oneself)] => {
            "Nothing was changed. Nobody resets themselves here: under Security a factor can be changed, and \
             /mfa/reset helps who has lost theirs."
        }
        _ => "Nothing was changed. Some of these people may not be reset with this token.",
    };
    let list: Vec<Value> = refused.iter().map(|(id, why)| json!({ "user_id": id, "reason": why.as_str() })).collect();
    Problem::conflict("refused", detail).with("refused", Value::Array(list))
}
