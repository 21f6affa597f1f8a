//! The seam between the outbox and whoever carries a message.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::message::{Channel, Outgoing};

/// Carries messages of one channel, or of all.
pub trait Sender: Send + Sync {
    /// Hands one message over. `message_id` is the outbox row's id, the same at every try, so that a
    /// message handed over twice can be recognized.
    fn send<'a>(&'a self, message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>>;
}

/// The far end has taken the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the far end calls it: a Message-ID, or a gateway's id.
    pub provider_id: Option<String>,
}

/// Why a message was not handed over. `why` holds no secret, no code and no full address, so it may
/// be logged and shown to administrators. ASVS 16.2.5.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// May work later without changing the message: outages, throttles, our own certificate or
    /// password being refused.
    #[error("{why}")]
    Retry { why: String },
    /// This message will never be taken: bad address, unknown recipient.
    #[error("{why}")]
    Refused { why: String },
}

impl SendError {
    pub(super) fn retry(why: impl Into<String>) -> Self {
        Self::Retry { why: why.into() }
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }

    /// The answer of a sender that was given a message of another channel.
    pub(super) fn wrong_channel(out: &Outgoing) -> Self {
        Self::refused(format!("this sender does not carry {}", out.channel()))
    }
}

/// One sender per channel; itself a sender that picks by channel.
#[derive(Clone)]
pub struct Senders {
    pub email: Arc<dyn Sender>,
    pub sms: Arc<dyn Sender>,
    pub call: Arc<dyn Sender>,
}

impl Senders {
    /// The same sender for every channel.
    pub fn all(sender: Arc<dyn Sender>) -> Self {
        Self { email: sender.clone(), sms: sender.clone(), call: sender }
    }
}

impl Sender for Senders {
    fn send<'a>(&'a self, message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        match out.channel() {
            Channel::Email => self.email.send(message_id, out),
            Channel::Sms => self.sms.send(message_id, out),
            Channel::Call => self.call.send(message_id, out),
        }
    }
}
