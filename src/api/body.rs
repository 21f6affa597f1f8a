//! JSON bodies. They are read after the guard has let the caller in, so that refusals keep their order.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::StreamExt;
use serde_json::Value;

use super::problem::{InputError, Problem};
use super::strict;
use crate::domain::limits::JSON_BYTES;

/// A body that nobody has looked at yet.
pub struct Body {
    is_json: bool,
    payload: Payload,
}

impl FromRequest for Body {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = req.content_type().eq_ignore_ascii_case("application/json");
        let all: Result<Self, Infallible> = Ok(Self { is_json, payload: payload.take() });
        ready(all.map_err(Into::into))
    }
}

impl Body {
    /// The body as JSON; `expected` is what a refusal says.
    pub async fn json(mut self, expected: &str) -> Result<Value, Problem> {
        if !self.is_json {
            return Err(Problem::unsupported_media_type());
        }
        let mut bytes = Vec::new();
        while let Some(part) = self.payload.next().await {
            let part = part.map_err(|_| Problem::input(expected, &[InputError::at("", "The body broke off.")]))?;
            if bytes.len() + part.len() > JSON_BYTES {
                return Err(Problem::too_large());
            }
            bytes.extend_from_slice(&part);
        }
        strict::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let detail = if error.is_eof() {
                "This is not JSON: it ends too early.".to_owned()
            } else if error.to_string().starts_with(strict::TWICE) {
                format!("A name stands twice in the object that ends at line {line}, column {column}.")
            } else {
                format!("This is not JSON from line {line}, column {column} on.")
            };
            Problem::input(expected, &[InputError::at("", detail)])
        })
    }
}
