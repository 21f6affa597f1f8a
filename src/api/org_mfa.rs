//! Requiring MFA in the token's organization.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::Body;
use super::mfa_reset::InputProblem;
use super::problem::{InputError, Problem, ProblemDetails};
use super::token::{ApiToken, EnforceMfa};
use crate::domain::limits::GRACE_DAYS_MAX;
use crate::domain::org_mfa;
use crate::domain::security_settings::Outcome;
use crate::domain::security_settings::change::Refusal;
use crate::domain::times::rfc3339;

const EXPECTED: &str = "an object such as {\"enforce\": true, \"grace_days\": 0}";

/// What is wanted.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgMfa {
    /// Whether everybody needs a factor, from their next request.
    pub enforce: bool,
    /// Days from now; the grace is given once and never grows. Left out, it stays as it is.
    #[schema(minimum = 0, maximum = 365)]
    pub grace_days: Option<i64>,
}

/// What holds now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrgMfaAnswer {
    pub enforce: bool,
    /// RFC 3339, UTC.
    pub grace_until: Option<String>,
}

#[utoipa::path(
    put,
    path = "/user/org/mfa",
    tag = "user",
    operation_id = "setOrgMfa",
    summary = "Require MFA",
    description = "For everybody in the token's organization, or no longer; account holders only. Nobody's factors \
                   are removed by turning it off.",
    request_body(content = OrgMfa, content_type = "application/json", example = json!({"enforce": true, "grace_days": 0})),
    responses(
        (status = 200, description = "Done", body = OrgMfaAnswer),
        (status = 400, description = "The body is not as expected; nothing was changed", body = InputProblem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`owner_needs_factor`: whoever requires MFA has a factor first; `grace_given`: the grace is given once and never grows", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn set(token: ApiToken<EnforceMfa>, body: Body) -> Result<HttpResponse, Problem> {
    let body = body.json(EXPECTED).await?;
    token.no_query()?;
    let wanted = read(&body).map_err(|errors| Problem::input(EXPECTED, &errors))?;
    let (actor, core) = (&token.caller.actor, &token.app.core);
    let (outcome, now) = org_mfa::set(core, actor, wanted.enforce, wanted.grace_days, &token.origin).await?;
    match outcome {
        Outcome::Saved | Outcome::Unchanged => Ok(HttpResponse::Ok()
            .json(OrgMfaAnswer { enforce: now.enforce_mfa, grace_until: now.grace_until.map(rfc3339) })),
        Outcome::NeedsFactor => {
            Err(Problem::conflict("owner_needs_factor", "Whoever requires MFA of everybody sets up a factor first."))
        }
        Outcome::ChangedMeanwhile => {
            Err(Problem::conflict("changed_meanwhile", "Somebody else is saving these settings. Try again."))
        }
        Outcome::Refused(refusals) => Err(refused(&refusals)),
    }
}

/// What is wanted, or all that is wrong with it.
fn read(body: &Value) -> Result<OrgMfa, Vec<InputError>> {
    let Value::Object(fields) = body else {
        return Err(vec![InputError::at("", "Expected an object.")]);
    };
    let mut errors = Vec::new();
    for name in fields.keys().filter(|name| !["enforce", "grace_days"].contains(&name.as_str())) {
        // RFC 6901 section 3.
        let name = name.replace('~', "~0").replace('/', "~1");
        errors.push(InputError::at(format!("/{name}"), "There is no such field here."));
    }
    let enforce = fields.get("enforce").and_then(Value::as_bool);
    if enforce.is_none() {
        errors.push(InputError::at("/enforce", "Expected true or false."));
    }
    let days = fields.get("grace_days").filter(|days| !days.is_null());
    let grace_days = days.and_then(whole);
    if days.is_some() && grace_days.is_none() {
        errors.push(InputError::at("/grace_days", "Expected a whole number."));
    }
    if grace_days.is_some_and(|days| !(0..=GRACE_DAYS_MAX).contains(&days)) {
        errors.push(InputError::at("/grace_days", format!("Expected a number from 0 to {GRACE_DAYS_MAX}.")));
    }
    match enforce {
        Some(enforce) if errors.is_empty() => Ok(OrgMfa { enforce, grace_days }),
        _ => Err(errors),
    }
}

/// JSON Schema takes 30.0 for an integer too.
fn whole(number: &Value) -> Option<i64> {
    let fraction = || number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < i64::MAX as f64).map(|n| n as i64);
    number.as_i64().or_else(fraction)
}

/// A number out of range is the caller's mistake; what was given before is how things stand.
fn refused(refusals: &[Refusal]) -> Problem {
    for refusal in refusals {
        let (code, detail) = match refusal {
            Refusal::Grace => continue,
            Refusal::GraceLonger { until } => {
                ("grace_given", format!("The grace is given once; it ends at {}.", rfc3339(*until)))
            }
            Refusal::GraceGone => ("grace_given", "The grace is given once, and it is over.".to_owned()),
            _ => (
                "other_settings",
                "Other settings of the organization need an account holder's attention first.".to_owned(),
            ),
        };
        return Problem::conflict(code, detail);
    }
    let detail = format!("Expected a number from 0 to {GRACE_DAYS_MAX}.");
    Problem::input(EXPECTED, &[InputError::at("/grace_days", detail)])
}
