//! Stripe Identity by its HTTP API. Of a verified session only the names are read (ASVS 14.2.6).

use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use super::{Answer, IdentityError, IdentityProvider, New, Session, Status};
use crate::outbox::https::Names;
use crate::outbox::network::{Limits, SettingError};
use crate::secrets::Secret;

/// Longest answer that is read, in bytes; a real one has a few thousand.
const LONGEST_ANSWER: usize = 256 * 1024;
/// Between a call that failed and its one repetition.
const PAUSE: Duration = Duration::from_millis(200);
/// The version of the API whose answers are read here.
const VERSION: &str = "2024-06-20";

const NAMES: Names = Names { base_url: "stripe.base_url", ca_file: "stripe.ca_file" };

/// The account that checks documents.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    /// The only host that is ever called; redirects are not followed. ASVS 13.2.4, 13.2.5.
    pub base_url: String,
    pub secret_key: Secret<String>,
    /// Signs what is posted to /hooks/stripe.
    pub webhook_secret: Secret<String>,
    /// PEM; when given, only these authorities are trusted, else the system's.
    pub ca_file: Option<PathBuf>,
    /// After so many days the provider's record is redacted.
    pub redact_after_days: i64,
}

impl StripeSettings {
    /// Refuses what is missing or unsafe. ASVS 12.3.1.
    pub fn validate(&self) -> Result<(), SettingError> {
        self.base()?;
        let fits = |secret: &Secret<String>| {
            let text = secret.expose();
            text.len() >= 16 && text.bytes().all(|b| b.is_ascii_graphic())
        };
        if !fits(&self.secret_key) {
            return Err(SettingError::new("stripe.secret_key", "must be the account's secret or restricted key"));
        }
        if !fits(&self.webhook_secret) {
            return Err(SettingError::new("stripe.webhook_secret", "must be the signing secret of the endpoint"));
        }
        if !(1..=365).contains(&self.redact_after_days) {
            return Err(SettingError::new("stripe.redact_after_days", "must be 1 to 365"));
        }
        Ok(())
    }

    fn base(&self) -> Result<String, SettingError> {
        NAMES.base(&self.base_url)
    }
}

/// A signed-in client of the API.
pub struct Stripe {
    client: Client,
    sessions_url: String,
    secret_key: Secret<String>,
    /// Where the person is led over TLS; only a stand-in on this machine goes without.
    clear: bool,
}

impl Stripe {
    pub fn new(settings: &StripeSettings) -> Result<Self, SettingError> {
        settings.validate()?;
        let base = settings.base()?;
        let client = NAMES.client(&base, settings.ca_file.as_deref(), Limits::default(), 2)?;
        let clear = base.starts_with("http:");
        let sessions_url = format!("{base}/v1/identity/verification_sessions");
        Ok(Self { client, sessions_url, secret_key: settings.secret_key.clone(), clear })
    }

    /// Calls once, and once more where the first call may not have arrived or may work later.
    async fn call(&self, request: RequestBuilder) -> Result<Object, IdentityError> {
        let request = request.basic_auth(self.secret_key.expose(), None::<&str>).header("Stripe-Version", VERSION);
        let again = request.try_clone();
        match (send(request).await, again) {
            (Err(IdentityError::Unreachable(_)), Some(again)) => {
                tokio::time::sleep(PAUSE).await;
                send(again).await
            }
            (answer, _) => answer,
        }
    }

    fn url_of(&self, session_id: &str) -> Result<String, IdentityError> {
        if !is_id(session_id) {
            return Err(IdentityError::Unknown);
        }
        Ok(format!("{}/{session_id}", self.sessions_url))
    }

    /// Posts to a session; the same post twice is one act.
    async fn act(&self, session_id: &str, act: &str) -> Result<(), IdentityError> {
        let url = format!("{}/{act}", self.url_of(session_id)?);
        let request = self.client.post(url).header("Idempotency-Key", format!("{act}-{session_id}"));
        self.call(request).await.map(|_| ())
    }

    fn session(&self, object: Object) -> Result<Session, IdentityError> {
        let status = match object.status.as_deref() {
            Some("requires_input") => Status::RequiresInput,
            Some("processing") => Status::Processing,
            Some("verified") => Status::Verified,
            Some("canceled") => Status::Canceled,
            _ => return Err(IdentityError::Refused("an answer that is no session".into())),
        };
        let id = object.id.filter(|id| is_id(id)).ok_or(IdentityError::Refused("a session without an id".into()))?;
        let is_safe = |url: &String| url.starts_with("https://") || (self.clear && url.starts_with("http://127.0.0.1"));
        let names = object.verified_outputs.and_then(|o| o.first_name.zip(o.last_name));
        Ok(Session {
            id,
            reference: object.metadata.and_then(|m| m.reference),
            status,
            url: object.url.filter(is_safe),
            reason: object.last_error.and_then(|e| e.code).filter(|code| is_id(code)),
            names: names.filter(|_| status == Status::Verified),
        })
    }
}

impl IdentityProvider for Stripe {
    fn begin<'a>(&'a self, new: &'a New) -> Answer<'a, Session> {
        let form = [
            ("type", "document"),
            ("options[document][require_matching_selfie]", "true"),
            ("metadata[reference]", new.reference.as_str()),
            ("return_url", new.return_url.as_str()),
        ];
        let key = format!("begin-{}", new.reference);
        let request = self.client.post(&self.sessions_url).header("Idempotency-Key", key).form(&form);
        async move { self.session(self.call(request).await?) }.boxed()
    }

    fn read<'a>(&'a self, session_id: &'a str) -> Answer<'a, Session> {
        async move {
            let url = self.url_of(session_id)?;
            let session =
                self.session(self.call(self.client.get(url).query(&[("expand[]", "verified_outputs")])).await?)?;
            if session.id == session_id { Ok(session) } else { Err(IdentityError::Refused("another session".into())) }
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()> {
        async move {
            match self.act(session_id, "cancel").await {
                // Verified or canceled already, or gone: there is nothing left to cancel.
                Err(IdentityError::Refused(_) | IdentityError::Unknown) => Ok(()),
                other => other,
            }
        }
        .boxed()
    }

    fn redact<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()> {
        async move {
            match self.act(session_id, "redact").await {
                Err(IdentityError::Unknown) => Ok(()),
                other => other,
            }
        }
        .boxed()
    }
}

/// The parts of an answer that matter. Everything else of the document stays with the provider.
#[derive(Default, Deserialize)]
struct Object {
    id: Option<String>,
    status: Option<String>,
    url: Option<String>,
    metadata: Option<Metadata>,
    last_error: Option<LastError>,
    verified_outputs: Option<Outputs>,
    error: Option<LastError>,
}

#[derive(Deserialize)]
struct Metadata {
    reference: Option<String>,
}

#[derive(Deserialize)]
struct LastError {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Outputs {
    first_name: Option<String>,
    last_name: Option<String>,
}

async fn send(request: RequestBuilder) -> Result<Object, IdentityError> {
    // reqwest's own words hold the URL; they are left out.
    let answer = request.send().await.map_err(|e| {
        IdentityError::Unreachable(if e.is_timeout() { "no answer in time" } else { "no verified connection" }.into())
    })?;
    let status = answer.status();
    let object = read(answer).await;
    if status.is_success() {
        return object.ok_or_else(|| IdentityError::Unreachable("an answer that is cut off or no JSON".into()));
    }
    let code = object.and_then(|o| o.error).and_then(|e| e.code).filter(|code| is_id(code));
    let why = format!("{}{}", status.as_u16(), code.map(|code| format!(" {code}")).unwrap_or_default());
    let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::CONFLICT, StatusCode::REQUEST_TIMEOUT];
    Err(match status {
        StatusCode::NOT_FOUND => IdentityError::Unknown,
        status if status.is_server_error() || later.contains(&status) => IdentityError::Unreachable(why),
        _ => IdentityError::Refused(why),
    })
}

/// Reads a bounded answer; `None` for one that is too long, cut off or no JSON.
async fn read(mut answer: Response) -> Option<Object> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).ok()
}

/// Letters, digits, dash and underline, so that it can stand in a URL and in a log.
pub fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
