//! Messages about the way into an account: its password, its registration.

use askama::Template;

use super::{Asked, Letterhead, Line, Message, Recipient, tidy};
use crate::outbox::message::Email;

/// The password was changed; to every address on record. ASVS 6.3.7.
pub struct PasswordChanged {
    pub asked: Asked,
}

/// Somebody asked for a new password where there is none to forget.
pub struct NoPasswordHere {
    /// The registration is not finished; otherwise the account signs in by its domain.
    pub unfinished: bool,
    pub asked: Asked,
}

/// A domain account was connected with the account; to every address on record. ASVS 6.3.7.
pub struct DomainLinked {
    /// The provider's host.
    pub host: Line,
    pub asked: Asked,
}

/// One was taken away; to every address on record.
pub struct DomainUnlinked {
    /// The provider's host.
    pub host: Line,
    pub asked: Asked,
}

message!(DomainLinked, "messages/domain_linked.subject", "messages/domain_linked.txt", "messages/domain_linked.html");
message!(
    DomainUnlinked,
    "messages/domain_unlinked.subject",
    "messages/domain_unlinked.txt",
    "messages/domain_unlinked.html"
);
message!(
    PasswordChanged,
    "messages/password_changed.subject",
    "messages/password_changed.txt",
    "messages/password_changed.html"
);
message!(
    NoPasswordHere,
    "messages/no_password_here.subject",
    "messages/no_password_here.txt",
    "messages/no_password_here.html"
);
