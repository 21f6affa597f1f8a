//! E-mail by SMTP: over verified TLS, or in the clear to this very machine.

use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::address::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use serde::Deserialize;

use super::line::Line;
use super::message::{Email, Outgoing};
use super::network::{Limits, SettingError, is_loopback};
use super::sender::{Receipt, SendError, Sender};
use super::smtp_pool::Pool;
use crate::clock::Clock;
use crate::secrets::Secret;

/// How the connection to the mail server is protected. There is no "TLS if offered" and no way to
/// accept a bad certificate. ASVS 12.3.1, 12.3.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// TLS from the first byte (RFC 8314), port 465.
    #[default]
    Implicit,
    /// STARTTLS, without which nothing is sent, port 587.
    Starttls,
    /// No TLS: only to this machine, port 25.
    None,
}

/// The mail server and the sender's address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    pub host: String,
    /// The default goes by `tls`.
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: SmtpTls,
    /// PEM; when given, only these authorities are trusted, else the system's.
    pub ca_file: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<Secret<String>>,
    pub from_address: String,
    pub from_name: String,
    /// The name in EHLO; the domain of `from_address` if absent.
    pub hello_name: Option<String>,
    /// Connections open at once.
    #[serde(default = "default_connections")]
    pub max_connections: usize,
}

fn default_connections() -> usize {
    4
}

impl SmtpSettings {
    /// Refuses what is missing or unsafe. ASVS 12.3.1.
    pub fn validate(&self) -> Result<(), SettingError> {
        if self.host.is_empty() || self.host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
            return Err(SettingError::new("smtp.host", "must be a host name or an IP address"));
        }
        if self.tls == SmtpTls::None && !is_loopback(&self.host) {
            return Err(SettingError::new("smtp.tls", "\"none\" is for a mail server on this machine only"));
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(SettingError::new("smtp.user", "user and password go together"));
        }
        if !(1..=64).contains(&self.max_connections) {
            return Err(SettingError::new("smtp.max_connections", "must be from 1 to 64"));
        }
        self.from().map(drop)
    }

    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            SmtpTls::Implicit => 465,
            SmtpTls::Starttls => 587,
            SmtpTls::None => 25,
        })
    }

    pub(super) fn from(&self) -> Result<Mailbox, SettingError> {
        let address: Address = self
            .from_address
            .parse()
            .map_err(|e| SettingError::new("smtp.from_address", format!("is not an e-mail address: {e}")))?;
        Ok(Mailbox::new(name(Some(&self.from_name)), address))
    }
}

/// Hands e-mails to the mail server.
pub struct SmtpSender {
    from: Mailbox,
    clock: Clock,
    limits: Limits,
    pool: Pool,
}

impl SmtpSender {
    pub fn new(settings: &SmtpSettings, clock: Clock) -> Result<Self, SettingError> {
        Self::with_limits(settings, clock, Limits::default())
    }

    /// With other time-outs, for tests.
    pub fn with_limits(settings: &SmtpSettings, clock: Clock, limits: Limits) -> Result<Self, SettingError> {
        settings.validate()?;
        let from = settings.from()?;
        let pool = Pool::new(settings, from.email.domain(), limits)?;
        Ok(Self { from, clock, limits, pool })
    }

    async fn deliver(&self, message_id: &str, email: &Email) -> Result<Receipt, SendError> {
        let id = format!("<{}@{}>", id_part(message_id), self.from.email.domain());
        let message = self.compose(&id, email)?;
        let (envelope, bytes) = (message.envelope().clone(), message.formatted());
        tokio::time::timeout(self.limits.total, self.pool.send(&envelope, &bytes))
            .await
            .map_err(|_| self.limits.exceeded("the mail server"))??;
        Ok(Receipt { provider_id: Some(id) })
    }

    fn compose(&self, id: &str, email: &Email) -> Result<lettre::Message, SendError> {
        // The parser's message may quote the address, so it is not passed on.
        let to: Address = email.to.parse().map_err(|_| SendError::refused("the e-mail address is not valid"))?;
        lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name(email.to_name.as_deref()), to))
            .subject(Line::new(&email.subject).as_str())
            .message_id(Some(id.to_owned()))
            .date(self.clock.now().assume_utc().into())
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(email.text.clone(), email.html.clone()))
            .map_err(|_| SendError::refused("the e-mail cannot be put together"))
    }
}

impl Sender for SmtpSender {
    fn send<'a>(&'a self, message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            match out {
                Outgoing::Email(email) => self.deliver(message_id, email).await,
                other => Err(SendError::wrong_channel(other)),
            }
        }
        .boxed()
    }
}

/// A display name without anything that could end the header; lettre quotes or encodes the rest.
/// ASVS 1.3.11.
fn name(text: Option<&str>) -> Option<String> {
    text.map(Line::new).filter(|line| !line.is_empty()).map(|line| line.to_string())
}

/// The part of our id that may stand left of the @ (RFC 5322 section 3.2.3, narrowed).
fn id_part(message_id: &str) -> String {
    message_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// `Auto-Submitted: auto-generated` (RFC 3834): no out-of-office answers, please.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
