//! The sender of demo mode: it delivers nothing. What "arrived" is read from the outbox itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::message::{Channel, Outgoing};
use super::sender::{Receipt, SendError, Sender};

/// How long a slow channel takes.
pub const SLOW: Duration = Duration::from_secs(5);

/// How a channel behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Ok,
    /// Every attempt fails, as with a server that is down.
    Fail,
    /// Every message takes five seconds.
    Slow,
}

/// Some or all of the switches, as `POST /sandbox/senders` takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Mode>,
}

/// Carries every channel; copies share their switches.
#[derive(Clone, Debug, Default)]
pub struct SandboxSender {
    switches: Arc<Mutex<Switches>>,
}

impl SandboxSender {
    /// Sets the switches that are given and leaves the others.
    pub fn set(&self, new: Switches) {
        let mut switches = self.switches.lock().unwrap_or_else(PoisonError::into_inner);
        switches.email = new.email.or(switches.email);
        switches.sms = new.sms.or(switches.sms);
        switches.call = new.call.or(switches.call);
    }

    /// How a channel behaves now.
    pub fn mode(&self, channel: Channel) -> Mode {
        let switches = *self.switches.lock().unwrap_or_else(PoisonError::into_inner);
        let mode = match channel {
            Channel::Email => switches.email,
            Channel::Sms => switches.sms,
            Channel::Call => switches.call,
        };
        mode.unwrap_or_default()
    }
}

impl Sender for SandboxSender {
    fn send<'a>(&'a self, _message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            match self.mode(out.channel()) {
                Mode::Ok => Ok(Receipt::default()),
                Mode::Fail => Err(SendError::retry(format!("the sandbox is set to fail for {}", out.channel()))),
                Mode::Slow => {
                    tokio::time::sleep(SLOW).await;
                    Ok(Receipt::default())
                }
            }
        }
        .boxed()
    }
}
