//! One error type for everything that answers a request. A handler returns it; `web::finish` turns
//! it into a page or into problem details (RFC 9457), with the request's id and nothing else from
//! inside. ASVS 16.5.1.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};

use crate::db::Fault;

/// When to try again after the database could not be reached: it restarts, or its file is put back.
pub const AGAIN_SECONDS: u64 = 5;

#[derive(Debug)]
pub enum AppError {
    BadRequest(&'static str),
    /// Nobody is signed in, or not far enough: go there instead.
    SeeOther(String),
    Forbidden,
    /// The current organization's safelist leaves this address out.
    Outside {
        address: String,
        /// Whether there are organizations to switch to.
        several: bool,
    },
    /// The CSRF token or the origin is wrong; mostly a page that was open too long.
    Forged,
    NotFound,
    /// What was sent no longer fits what is there.
    Conflict(&'static str),
    TooLarge,
    UnsupportedMediaType,
    TooMany {
        retry_after_seconds: u64,
    },
    Fault(Fault),
}

/// What the page about an error says; travels with the response to `web::finish`.
#[derive(Clone, Debug)]
pub struct Explained {
    pub title: &'static str,
    pub text: String,
    /// Somebody is signed in who may leave.
    pub signed_in: bool,
    /// Or go to another organization.
    pub several: bool,
}

/// Why a safelist refuses, with the address to report.
pub fn outside(address: &str) -> String {
    format!(
        "Your practice allows sign-in only from its own network. Ask your practice admin. Your address is {address}."
    )
}

impl AppError {
    pub fn internal(why: impl Into<String>) -> Self {
        Self::Fault(Fault::Other(why.into()))
    }

    fn explained(&self) -> Explained {
        let (title, text) = match self {
            Self::BadRequest(text) | Self::Conflict(text) => ("That did not work", (*text).to_owned()),
            Self::SeeOther(_) => ("Go on elsewhere", String::new()),
            Self::Forbidden => ("Not for you", "Your account does not open this page. Ask your administrator.".into()),
            Self::Outside { address, .. } => ("Not from this address", outside(address)),
            Self::Forged => {
                ("This page was open too long", "Nothing was changed. Go back to the start and try again.".into())
            }
            Self::NotFound => ("Page not found", "There is nothing at this address.".into()),
            Self::TooLarge => ("Too much at once", "What was sent is larger than this page takes.".into()),
            Self::UnsupportedMediaType => ("That did not work", "This page takes forms only.".into()),
            Self::TooMany { retry_after_seconds } => {
                ("Too many tries", format!("Too many tries. Wait {retry_after_seconds} seconds and try again."))
            }
            Self::Fault(Fault::Busy { retry_after_seconds }) => (
                "Very busy right now",
                format!("Many people are signing in. Wait {retry_after_seconds} seconds and try again."),
            ),
            Self::Fault(Fault::Unreachable(_)) => (
                "Back in a moment",
                format!("We cannot reach what we need right now. Wait {AGAIN_SECONDS} seconds and try again."),
            ),
            Self::Fault(_) => {
                ("Something went wrong", "It is not your fault, and nothing was changed. Try again in a moment.".into())
            }
        };
        Explained {
            title,
            text,
            signed_in: matches!(self, Self::Outside { .. }),
            several: matches!(self, Self::Outside { several: true, .. }),
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SeeOther(_) => StatusCode::SEE_OTHER,
            Self::Forbidden | Self::Outside { .. } | Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Fault(Fault::Busy { .. } | Fault::Unreachable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Fault(fault) = self {
            tracing::error!(%fault, "a request failed");
        }
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::SeeOther(path) => {
                response.insert_header((LOCATION, path.as_str()));
            }
            Self::TooMany { retry_after_seconds } | Self::Fault(Fault::Busy { retry_after_seconds }) => {
                response.insert_header((RETRY_AFTER, *retry_after_seconds));
            }
            Self::Fault(Fault::Unreachable(_)) => {
                response.insert_header((RETRY_AFTER, AGAIN_SECONDS));
            }
            _ => {}
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.explained());
        response
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.explained().title)
    }
}

impl<E: Into<Fault>> From<E> for AppError {
    fn from(error: E) -> Self {
        match error.into() {
            Fault::Ended => Self::SeeOther("/login/verify".into()),
            Fault::Demoted => Self::Forbidden,
            Fault::TooSoon { wait } => Self::TooMany { retry_after_seconds: wait.as_secs() + 1 },
            fault => Self::Fault(fault),
        }
    }
}
