//! The HTTP API of Twilio and of gateways that speak it, for text messages and calls.

use std::path::PathBuf;

use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;

use super::https::Names;
use super::network::{Limits, SettingError};
use super::sender::{Receipt, SendError};
use crate::secrets::Secret;

/// Longest answer that is read, in bytes; a real one has about a thousand.
const LONGEST_ANSWER: usize = 64 * 1024;

const NAMES: Names = Names { base_url: "twilio.base_url", ca_file: "twilio.ca_file" };

/// The gateway for text messages and calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioSettings {
    /// The only host that is ever called; redirects are not followed. ASVS 13.2.4, 13.2.5.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    pub account_sid: String,
    /// Signs in to the API, and checks the signature of what the gateway posts to us.
    pub auth_token: Secret<String>,
    /// The number or name that text messages come from; or `messaging_service_sid`.
    pub sms_from: Option<String>,
    pub messaging_service_sid: Option<String>,
    /// The number that calls come from.
    pub call_from: Option<String>,
    /// PEM; when given, only these authorities are trusted, else the system's.
    pub ca_file: Option<PathBuf>,
}

fn default_base_url() -> String {
    "https://api.twilio.com".to_owned()
}

impl TwilioSettings {
    /// Refuses what is missing or unsafe. ASVS 12.3.1.
    pub fn validate(&self) -> Result<(), SettingError> {
        self.base()?;
        if !is_sid(&self.account_sid) {
            return Err(SettingError::new("twilio.account_sid", "must be letters and digits"));
        }
        if self.auth_token.expose().is_empty() {
            return Err(SettingError::new("twilio.auth_token", "is empty"));
        }
        if self.sms_from.is_some() == self.messaging_service_sid.is_some() {
            return Err(SettingError::new("twilio.sms_from", "give either sms_from or messaging_service_sid"));
        }
        match &self.call_from {
            Some(number) if is_e164(number) => Ok(()),
            Some(_) => Err(SettingError::new("twilio.call_from", "must be a number such as +16015550100")),
            None => Err(SettingError::new("twilio.call_from", "is missing")),
        }
    }

    fn base(&self) -> Result<String, SettingError> {
        NAMES.base(&self.base_url)
    }
}

/// A signed-in client of the gateway.
pub(super) struct Gateway {
    client: Client,
    account_url: String,
    account_sid: String,
    auth_token: Secret<String>,
    limits: Limits,
}

impl Gateway {
    pub(super) fn new(settings: &TwilioSettings, limits: Limits) -> Result<Self, SettingError> {
        settings.validate()?;
        let base = settings.base()?;
        let client = NAMES.client(&base, settings.ca_file.as_deref(), limits, 4)?;
        Ok(Self {
            client,
            account_url: format!("{base}/2010-04-01/Accounts/{}", settings.account_sid),
            account_sid: settings.account_sid.clone(),
            auth_token: settings.auth_token.clone(),
            limits,
        })
    }

    /// Posts a form to `Messages` or `Calls`.
    pub(super) async fn post(&self, resource: &str, form: &[(&str, &str)]) -> Result<Receipt, SendError> {
        let answer = self
            .client
            .post(format!("{}/{resource}.json", self.account_url))
            .basic_auth(&self.account_sid, Some(self.auth_token.expose()))
            .form(form)
            .send()
            .await
            .map_err(|e| self.unreachable(&e))?;
        let status = answer.status();
        let body = read(answer).await;
        if status.is_success() {
            // Taken, whatever the body says: trying again would ring or text twice.
            return Ok(Receipt { provider_id: body.sid.filter(|sid| is_sid(sid)) });
        }
        let code = body.code.map(|code| format!(", error {code}")).unwrap_or_default();
        let why = format!("the gateway answered {}{code}", status.as_u16());
        let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT];
        Err(if status.is_server_error() || later.contains(&status) {
            SendError::retry(why)
        } else {
            SendError::refused(why)
        })
    }

    /// reqwest's own words hold the URL, and with it the account; they are left out.
    fn unreachable(&self, error: &reqwest::Error) -> SendError {
        if error.is_connect() {
            SendError::retry("no verified connection to the gateway")
        } else if error.is_timeout() {
            self.limits.exceeded("the gateway")
        } else {
            SendError::retry("the connection to the gateway broke off")
        }
    }
}

/// The parts of an answer that matter. An error's `message` quotes the number, so it is not read.
#[derive(Default, Deserialize)]
struct Answer {
    sid: Option<String>,
    code: Option<u32>,
}

/// Reads a bounded answer; one that is too long, cut off or not JSON counts as empty.
async fn read(mut answer: Response) -> Answer {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Answer::default();
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).unwrap_or_default()
}

/// Letters, digits, dash and underline, so that it can stand in a URL.
fn is_sid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A plus sign and 8 to 15 digits, the first not zero (ITU-T E.164).
pub(super) fn is_e164(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else { return false };
    (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}
