//! Who carries messages: the sandbox in demo mode, the mail server and the gateway elsewhere.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::App;
use crate::config::Problem;
use crate::outbox::email::SmtpSender;
use crate::outbox::message::Outgoing;
use crate::outbox::network::SettingError;
use crate::outbox::sender::{Receipt, SendError, Sender, Senders};
use crate::outbox::sms::SmsSender;
use crate::outbox::voice::VoiceSender;

impl App {
    /// One sender per channel, for the outbox worker. To be called inside the async runtime.
    pub fn senders(&self) -> Result<Senders, Problem> {
        if let Some(sandbox) = &self.sandbox {
            return Ok(Senders::all(Arc::new(sandbox.sender.clone())));
        }
        let refuse = |e: SettingError| Problem::new(e.setting, e.why);
        let email: Arc<dyn Sender> = match &self.config.smtp {
            Some(smtp) => Arc::new(SmtpSender::new(smtp, self.core.clock.clone()).map_err(refuse)?),
            None => Arc::new(NotSetUp),
        };
        let (sms, call): (Arc<dyn Sender>, Arc<dyn Sender>) = match &self.config.twilio {
            Some(twilio) => (
                Arc::new(SmsSender::new(twilio, None).map_err(refuse)?),
                Arc::new(VoiceSender::new(twilio).map_err(refuse)?),
            ),
            None => (Arc::new(NotSetUp), Arc::new(NotSetUp)),
        };
        Ok(Senders { email, sms, call })
    }
}

/// Stands in for a channel that the configuration leaves out: visible failures, no silence.
struct NotSetUp;

impl Sender for NotSetUp {
    fn send<'a>(&'a self, _message_id: &'a str, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt, SendError>> {
        let why = format!("{} is not set up in this installation", out.channel());
        async move { Err(SendError::Refused { why }) }.boxed()
    }
}
