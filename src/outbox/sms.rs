//! Text messages through a Twilio-compatible gateway.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::message::{Outgoing, Sms};
use super::network::{Limits, SettingError};
use super::sender::{Receipt, SendError, Sender};
use super::twilio::{Gateway, TwilioSettings, is_e164};

/// Hands text messages to the gateway.
pub struct SmsSender {
    gateway: Gateway,
    /// `From` or `MessagingServiceSid`, and its value.
    origin: (&'static str, String),
    status_url: Option<String>,
}

impl SmsSender {
    /// `status_url` is where the gateway posts what became of a message.
    pub fn new(settings: &TwilioSettings, status_url: Option<String>) -> Result<Self, SettingError> {
        Self::with_limits(settings, status_url, Limits::default())
    }

    /// With other time-outs, for tests.
    pub fn with_limits(
        settings: &TwilioSettings,
        status_url: Option<String>,
        limits: Limits,
    ) -> Result<Self, SettingError> {
        let gateway = Gateway::new(settings, limits)?;
        let origin = match (&settings.messaging_service_sid, &settings.sms_from) {
            (Some(sid), _) => ("MessagingServiceSid", sid.clone()),
            (None, Some(from)) => ("From", from.clone()),
            (None, None) => return Err(SettingError::new("twilio.sms_from", "is missing")),
        };
        Ok(Self { gateway, origin, status_url })
    }

    async fn deliver(&self, sms: &Sms) -> Result<Receipt, SendError> {
        if !is_e164(&sms.to) {
            return Err(SendError::refused("the telephone number is not valid"));
        }
        let mut form = vec![("To", sms.to.as_str()), (self.origin.0, &self.origin.1), ("Body", &sms.text)];
        if let Some(url) = &self.status_url {
            form.push(("StatusCallback", url));
        }
        self.gateway.post("Messages", &form).await
    }
}

impl Sender for SmsSender {
    fn send<'a>(&'a self, _message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            match out {
                Outgoing::Sms(sms) => self.deliver(sms).await,
                other => Err(SendError::wrong_channel(other)),
            }
        }
        .boxed()
    }
}
