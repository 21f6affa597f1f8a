//! What goes out, as plain values that a row of the outbox can keep sealed.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::models::Channel;

/// An e-mail with the same facts as text and as HTML.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub to: String,
    pub to_name: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A text message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// E.164, such as `+16015550123`.
    pub to: String,
    pub text: String,
}

/// A telephone call. What is said comes from `answer_url` once somebody answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// E.164, such as `+16015550123`.
    pub to: String,
    pub answer_url: String,
    pub status_url: String,
    pub ring_seconds: u32,
}

/// One thing to hand over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outgoing {
    Email(Email),
    Sms(Sms),
    Call(Call),
}

impl Outgoing {
    pub fn channel(&self) -> Channel {
        match self {
            Outgoing::Email(_) => Channel::Email,
            Outgoing::Sms(_) => Channel::Sms,
            Outgoing::Call(_) => Channel::Call,
        }
    }

    /// The address or number it goes to.
    pub fn to(&self) -> &str {
        match self {
            Outgoing::Email(email) => &email.to,
            Outgoing::Sms(sms) => &sms.to,
            Outgoing::Call(call) => &call.to,
        }
    }
}

/// Messages carry codes and links, so a debug line shows the kind only. ASVS 16.2.5.
macro_rules! opaque {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        }
    )*};
}
opaque!(Email, Sms, Call, Outgoing);
