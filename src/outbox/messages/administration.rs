//! Messages about what administrators do to somebody's account. ASVS 6.3.7.

use askama::Template;

use super::{Asked, Letterhead, Line, Message, Recipient, tidy};
use crate::outbox::message::Email;

/// Factors were reset; to the person, at every address on record.
pub struct MfaReset {
    /// Such as "Tobias Lindqvist of Harbor Valley Health".
    pub by: Line,
    /// Such as "1 authenticator app, 1 phone number".
    pub removed: Line,
    pub setup_required: bool,
    /// The registration begins again; another mail has the link.
    pub registration: bool,
    pub reference: Line,
    pub asked: Asked,
}

/// The same, to administrators who did not do it.
pub struct MfaResetAdmin {
    pub person: Line,
    pub username: Line,
    /// Leads to Edit User.
    pub user_id: uuid::Uuid,
    pub by: Line,
    pub removed: Line,
    /// The registration was reset, and not the factors alone.
    pub registration: bool,
    /// Empty where none was given.
    pub reason: Line,
    pub reference: Line,
    pub asked: Asked,
}

/// Something else was changed by an administrator.
pub struct AccountChanged {
    /// A heading, such as "Your account was disabled".
    pub what: Line,
    /// What follows from it, in a sentence.
    pub so: Line,
    pub by: Line,
    pub asked: Asked,
}

/// An operator changed an account or an organization; to its account holders.
pub struct OperatorActed {
    /// A heading, such as "An account was disabled".
    pub what: Line,
    /// What follows from it, in a sentence.
    pub so: Line,
    pub by: Line,
    pub asked: Asked,
}

message!(MfaReset, "messages/mfa_reset.subject", "messages/mfa_reset.txt", "messages/mfa_reset.html");
message!(
    MfaResetAdmin,
    "messages/mfa_reset_admin.subject",
    "messages/mfa_reset_admin.txt",
    "messages/mfa_reset_admin.html"
);
message!(
    AccountChanged,
    "messages/account_changed.subject",
    "messages/account_changed.txt",
    "messages/account_changed.html"
);
message!(
    OperatorActed,
    "messages/operator_acted.subject",
    "messages/operator_acted.txt",
    "messages/operator_acted.html"
);
