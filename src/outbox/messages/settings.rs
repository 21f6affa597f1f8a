//! Messages about the settings of an organization.

use askama::Template;

use super::{Asked, Letterhead, Line, Message, Recipient, tidy};
use crate::outbox::message::Email;

/// The security settings of an organization were changed; to its owners.
pub struct SecuritySettingsChanged {
    pub organization: Line,
    /// Who changed them.
    pub by: Line,
    /// What is different, one line each.
    pub changes: Vec<Line>,
    pub asked: Asked,
}

message!(
    SecuritySettingsChanged,
    "messages/security_settings_changed.subject",
    "messages/security_settings_changed.txt",
    "messages/security_settings_changed.html"
);
