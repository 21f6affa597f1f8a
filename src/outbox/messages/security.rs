//! Messages about what people changed under **Security**, to every address on record. ASVS 6.3.7.

use askama::Template;

use super::{Asked, Letterhead, Line, Message, Recipient, tidy};
use crate::outbox::message::Email;

/// A factor was removed, or a hardware token taken out of use.
pub struct FactorRemoved {
    /// Such as "authenticator app".
    pub factor: Line,
    /// What its owner called it.
    pub name: Line,
    pub asked: Asked,
}

/// A new set of recovery codes took the place of the old one.
pub struct RecoveryCodesMade {
    pub asked: Asked,
}

/// The password was changed by somebody signed in.
pub struct PasswordReplaced {
    pub asked: Asked,
}

/// The sign-in address was changed; to the old one and the new one.
pub struct EmailChanged {
    pub old: Line,
    pub new: Line,
    pub asked: Asked,
}

/// Somebody wanted the address of an account as their own; to its owner.
pub struct AddressWanted {
    /// An administrator proposed it for somebody else's account.
    pub proposed: bool,
    pub asked: Asked,
}

message!(
    FactorRemoved,
    "messages/factor_removed.subject",
    "messages/factor_removed.txt",
    "messages/factor_removed.html"
);
message!(
    RecoveryCodesMade,
    "messages/recovery_codes_made.subject",
    "messages/recovery_codes_made.txt",
    "messages/recovery_codes_made.html"
);
message!(
    PasswordReplaced,
    "messages/password_replaced.subject",
    "messages/password_replaced.txt",
    "messages/password_replaced.html"
);
message!(EmailChanged, "messages/email_changed.subject", "messages/email_changed.txt", "messages/email_changed.html");
message!(
    AddressWanted,
    "messages/address_wanted.subject",
    "messages/address_wanted.txt",
    "messages/address_wanted.html"
);
