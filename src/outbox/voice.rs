//! Calls through a Twilio-compatible gateway, and what is said in them (TwiML).

use askama::Template;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::line::Line;
use super::message::{Call, Outgoing};
use super::network::{Limits, SettingError};
use super::sender::{Receipt, SendError, Sender};
use super::twilio::{Gateway, TwilioSettings, is_e164};
use crate::db::Fault;

/// How long a call waits for a key after its words.
const KEY_WAIT_SECONDS: u32 = 20;

/// Rings people up.
pub struct VoiceSender {
    gateway: Gateway,
    from: String,
}

impl VoiceSender {
    pub fn new(settings: &TwilioSettings) -> Result<Self, SettingError> {
        Self::with_limits(settings, Limits::default())
    }

    /// With other time-outs, for tests.
    pub fn with_limits(settings: &TwilioSettings, limits: Limits) -> Result<Self, SettingError> {
        let gateway = Gateway::new(settings, limits)?;
        let from = settings.call_from.clone().ok_or_else(|| SettingError::new("twilio.call_from", "is missing"))?;
        Ok(Self { gateway, from })
    }

    async fn place(&self, call: &Call) -> Result<Receipt, SendError> {
        if !is_e164(&call.to) {
            return Err(SendError::refused("the telephone number is not valid"));
        }
        // The gateway rings for five seconds longer than it is told, and takes 5 to 600.
        let ring = call.ring_seconds.clamp(5, 600).to_string();
        let form = [
            ("To", call.to.as_str()),
            ("From", &self.from),
            ("Url", &call.answer_url),
            ("Method", "POST"),
            ("StatusCallback", &call.status_url),
            ("StatusCallbackMethod", "POST"),
            ("StatusCallbackEvent", "answered"),
            // Completed also stands for busy, no answer, failed and canceled.
            ("StatusCallbackEvent", "completed"),
            ("Timeout", &ring),
        ];
        self.gateway.post("Calls", &form).await
    }
}

impl Sender for VoiceSender {
    fn send<'a>(&'a self, _message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            match out {
                Outgoing::Call(call) => self.place(call).await,
                other => Err(SendError::wrong_channel(other)),
            }
        }
        .boxed()
    }
}

/// What is said in a call.
pub enum Say {
    Answer { gather_url: String },
    Approved,
    Refused,
}

impl Say {
    /// The words as TwiML.
    pub fn twiml(self, installation: &str) -> Result<String, Fault> {
        let installation = Line::new(installation);
        match self {
            Self::Answer { gather_url } => Answer { installation, gather_url, wait_seconds: KEY_WAIT_SECONDS }.render(),
            Self::Approved => Approved { installation }.render(),
            Self::Refused => Refused { installation }.render(),
        }
        .map_err(|e| Fault::Other(format!("TwiML: {e}")))
    }
}

/// Said when somebody answers: press the pound key.
///
/// `finishOnKey` is empty so that "#" arrives in `Digits` like any other key.
#[derive(Template)]
#[template(path = "voice/answer.xml")]
pub struct Answer {
    pub installation: Line,
    /// Our URL that is told the key; an absolute one, as it is signed.
    pub gather_url: String,
    /// How long to wait for a key after the words.
    pub wait_seconds: u32,
}

/// Said after the pound key.
#[derive(Template)]
#[template(path = "voice/approved.xml")]
pub struct Approved {
    pub installation: Line,
}

/// Said after another key, or when the sign-in is over.
#[derive(Template)]
#[template(path = "voice/refused.xml")]
pub struct Refused {
    pub installation: Line,
}
