//! Messages about resetting one's own MFA.

use askama::Template;

use super::{Asked, Letterhead, Line, Message, Recipient, in_words, tidy};
use crate::outbox::message::Email;

/// The link that goes on with a request, until it ends.
pub struct SelfResetLink {
    pub link: String,
    /// **This wasn't me**.
    pub stop: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// The document was good: the reset link, which works once.
pub struct SelfResetReady {
    pub link: String,
    pub stop: String,
    pub life_seconds: u32,
    /// A person compared the names.
    pub approved: bool,
}

/// A reviewer refused.
pub struct SelfResetRefused {
    pub reason: Line,
    pub stop: String,
}

/// The request ended before it was finished.
pub struct SelfResetCanceled {
    /// A sentence that says why.
    pub why: Line,
    pub stop: String,
}

/// Every factor was removed; to every address on record.
pub struct SelfResetDone {
    pub asked: Asked,
    /// Where the account is locked, if it was not its owner.
    pub stop: String,
}

/// Its owner says that it was somebody else; to those who look after the person.
pub struct SelfResetDisowned {
    pub person: Line,
    pub username: Line,
    /// Leads to Edit User.
    pub user_id: uuid::Uuid,
    pub asked: Asked,
}

/// The same, to those who look after the person.
pub struct SelfResetDoneAdmin {
    pub person: Line,
    pub username: Line,
    /// Leads to Edit User.
    pub user_id: uuid::Uuid,
    pub asked: Asked,
}

/// A document has to be looked at; to those who may decide.
pub struct SelfResetReview {
    pub person: Line,
    pub username: Line,
    pub review_id: uuid::Uuid,
}

/// Somebody asked for a reset of an account that signs in by its domain.
pub struct SelfResetElsewhere {
    pub asked: Asked,
}

/// An operator decided where an administrator could have; to all of those.
pub struct SelfResetDecided {
    pub person: Line,
    pub username: Line,
    /// Leads to Edit User.
    pub user_id: uuid::Uuid,
    pub by: Line,
    pub approved: bool,
    pub note: Line,
}

impl SelfResetLink {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

impl SelfResetReady {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

message!(
    SelfResetLink,
    "messages/self_reset_link.subject",
    "messages/self_reset_link.txt",
    "messages/self_reset_link.html"
);
message!(
    SelfResetReady,
    "messages/self_reset_ready.subject",
    "messages/self_reset_ready.txt",
    "messages/self_reset_ready.html"
);
message!(
    SelfResetRefused,
    "messages/self_reset_refused.subject",
    "messages/self_reset_refused.txt",
    "messages/self_reset_refused.html"
);
message!(
    SelfResetCanceled,
    "messages/self_reset_canceled.subject",
    "messages/self_reset_canceled.txt",
    "messages/self_reset_canceled.html"
);
message!(
    SelfResetDone,
    "messages/self_reset_done.subject",
    "messages/self_reset_done.txt",
    "messages/self_reset_done.html"
);
message!(
    SelfResetDoneAdmin,
    "messages/self_reset_done_admin.subject",
    "messages/self_reset_done_admin.txt",
    "messages/self_reset_done_admin.html"
);
message!(
    SelfResetDisowned,
    "messages/self_reset_disowned.subject",
    "messages/self_reset_disowned.txt",
    "messages/self_reset_disowned.html"
);
message!(
    SelfResetReview,
    "messages/self_reset_review.subject",
    "messages/self_reset_review.txt",
    "messages/self_reset_review.html"
);
message!(
    SelfResetElsewhere,
    "messages/self_reset_elsewhere.subject",
    "messages/self_reset_elsewhere.txt",
    "messages/self_reset_elsewhere.html"
);
message!(
    SelfResetDecided,
    "messages/self_reset_decided.subject",
    "messages/self_reset_decided.txt",
    "messages/self_reset_decided.html"
);
