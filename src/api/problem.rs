//! Problem details (RFC 9457): how the API says no. Nothing in them differs between an id that is
//! unknown and one that belongs to others, so no request's id either; that is in the log.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::db::Fault;
use crate::domain::limits::JSON_BYTES;
use crate::error::AGAIN_SECONDS;

const CONTENT_TYPE: &str = "application/problem+json";

/// One answer that is a refusal.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    /// A word for programs, such as `mfa_required`.
    code: &'static str,
    detail: String,
    more: Box<Map<String, Value>>,
    retry_after: Option<u64>,
    challenge: Option<&'static str>,
}

/// What is wrong at one place of a body or in one parameter.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct InputError {
    /// JSON pointer into the body (RFC 6901); `""` is the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/3")]
    pub pointer: Option<String>,
    /// The query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    pub detail: String,
}

impl InputError {
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), detail: detail.into() }
    }
}

/// The shape of every refusal, for the description of the API.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProblemDetails {
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    #[schema(example = "Bad Request")]
    pub title: String,
    #[schema(example = 400)]
    pub status: u16,
    /// A word for programs.
    #[schema(example = "bad_request")]
    pub code: String,
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), more: Box::default(), retry_after: None, challenge: None }
    }

    /// 401; `presented` says whether there was a token at all.
    pub fn unauthorized(presented: bool) -> Self {
        let challenge =
            if presented { r#"Bearer realm="api", error="invalid_token""# } else { r#"Bearer realm="api""# };
        let detail = "Send a token that is valid: \"Authorization: Bearer …\". Cookies are not looked at.";
        Self { challenge: Some(challenge), ..Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail) }
    }

    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    pub fn unsupported_media_type() -> Self {
        let detail = "Send the body as application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    pub fn too_large() -> Self {
        let detail = format!("The body may have at most {JSON_BYTES} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// 400, with what was expected, and where it is not.
    pub fn input(expected: &str, errors: &[InputError]) -> Self {
        let detail = format!("Expected {expected}.");
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail).with("errors", json!(errors))
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here that you may see.")
    }

    /// 404 for ids in a body; the same for those that belong to others.
    pub fn unknown_ids(ids: &[String]) -> Self {
        let detail = "Nothing was changed. These ids are unknown.";
        Self::new(StatusCode::NOT_FOUND, "unknown_ids", detail).with("unknown_ids", json!(ids))
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn too_many(retry_after: u64) -> Self {
        let detail = format!("Too many requests. Wait {retry_after} seconds.");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.more.insert(key.to_owned(), value);
        self
    }

    fn body(&self) -> String {
        let mut problem = Map::new();
        problem.insert("type".into(), "about:blank".into());
        problem.insert("title".into(), self.status.canonical_reason().unwrap_or_default().into());
        problem.insert("status".into(), self.status.as_u16().into());
        problem.insert("code".into(), self.code.into());
        problem.insert("detail".into(), self.detail.as_str().into());
        problem.extend((*self.more).clone());
        Value::Object(problem).to_string()
    }
}

impl<E: Into<Fault>> From<E> for Problem {
    fn from(error: E) -> Self {
        let fault = error.into();
        if matches!(fault, Fault::Demoted) {
            return Self::forbidden("role", "The role of this token's owner does not allow that.");
        }
        tracing::error!(%fault, "a request to the API failed");
        match fault {
            Fault::Busy { retry_after_seconds } => {
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Very busy. Try again in a moment.");
                Self { retry_after: Some(retry_after_seconds), ..problem }
            }
            Fault::Unreachable(_) => {
                let detail = "The database does not answer. Try again in a moment.";
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unreachable", detail);
                Self { retry_after: Some(AGAIN_SECONDS), ..problem }
            }
            _ => {
                let detail = "Something went wrong on our side, and nothing was changed.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.content_type(CONTENT_TYPE);
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(challenge) = self.challenge {
            answer.insert_header((WWW_AUTHENTICATE, challenge));
        }
        answer.body(self.body())
    }
}

/// 400 of the sandbox, with what was expected instead.
pub fn bad_request(expected: &str) -> HttpResponse {
    Problem::input(expected, &[]).error_response()
}
