//! Messages about the hardware tokens that administrators hand out.

use askama::Template;

use super::{Letterhead, Line, Message, Recipient, tidy};
use crate::outbox::message::Email;

/// An administrator did something with somebody's hardware token; to every address on record.
/// ASVS 6.3.7.
pub struct TokenChanged {
    pub change: TokenChange,
    pub serial: Line,
    /// Who did it, and of which organization.
    pub by: Line,
    /// Such as "today at 1:12 PM Central".
    pub when: Line,
}

/// What was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenChange {
    Assigned,
    Activated,
    Deactivated,
    Lost,
    TakenBack,
}

impl TokenChanged {
    fn did(&self) -> &'static str {
        match self.change {
            TokenChange::Assigned => "assigned to you",
            TokenChange::Activated => "activated",
            TokenChange::Deactivated => "deactivated",
            TokenChange::Lost => "marked as lost",
            TokenChange::TakenBack => "taken back",
        }
    }

    /// What follows from it.
    fn so(&self) -> &'static str {
        match self.change {
            TokenChange::Assigned => "It opens nothing yet: activate it under Security with a code from it.",
            TokenChange::Activated => "Its codes can now be used to sign in. Your other sessions have ended.",
            TokenChange::Deactivated => {
                "Its codes open nothing until it is activated again with a code from it. It is still yours."
            }
            TokenChange::Lost | TokenChange::TakenBack => "Its codes open nothing any more.",
        }
    }
}

message!(
    TokenChanged,
    "messages/hardware_token.subject",
    "messages/hardware_token.txt",
    "messages/hardware_token.html"
);
