//! Calls to the provider, by a client with verified TLS and no redirects: bounded in size. ASVS 12.3.2, 13.1.3.

use reqwest::{RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::OidcError;
use crate::domain::limits::OIDC_ANSWER;

/// Sends once: a code is good for one call.
pub async fn send(request: RequestBuilder) -> Result<Response, OidcError> {
    // reqwest's own words hold the URL; they are left out.
    request.header("Accept", "application/json").send().await.map_err(|e| {
        OidcError::Unreachable(if e.is_timeout() { "no answer in time" } else { "no verified connection" })
    })
}

/// Reads a bounded answer that is JSON of the wanted form.
pub async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, OidcError> {
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| OidcError::Unreachable("an answer that is cut off"))? {
        if body.len() + chunk.len() > OIDC_ANSWER {
            return Err(OidcError::Untrusted("an answer that is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_server_error() {
        return Err(OidcError::Unreachable("an error of its own"));
    }
    if !status.is_success() {
        let code = serde_json::from_slice::<Refusal>(&body).ok().map(|r| r.error).filter(|code| is_word(code));
        return Err(OidcError::Refused(format!("{} {}", status.as_u16(), code.unwrap_or_default()).trim().to_owned()));
    }
    serde_json::from_slice(&body).map_err(|_| OidcError::Untrusted("an answer that is not what was asked for"))
}

/// RFC 6749 section 5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// What may stand in a log line: an error code and no more.
pub fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
