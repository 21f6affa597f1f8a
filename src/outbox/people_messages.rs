//! The messages of invitations, proposed addresses and memberships that end.

use askama::Template;

use super::line::Line;
use super::message::Email;
use super::messages::{Asked, Letterhead, Message, Recipient, in_words, message, tidy};

/// Somebody without an account was invited.
pub struct Invited {
    pub organization: Line,
    pub link: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// Somebody who has an account was invited into another organization.
pub struct InvitedAgain {
    pub organization: Line,
    /// "Member", "Administrator", "Account Holder".
    pub role: &'static str,
    pub link: String,
}

/// Another address was proposed; to that address.
pub struct EmailProposal {
    pub name: Line,
    pub link: String,
    pub life_seconds: u32,
}

/// The same, to the addresses on record.
pub struct EmailProposed {
    pub by: Line,
    /// Masked.
    pub email: Line,
    pub asked: Asked,
}

/// It was confirmed; to the addresses on record before. ASVS 6.3.7.
pub struct EmailConfirmed {
    /// Masked.
    pub email: Line,
    pub asked: Asked,
}

/// A membership has ended.
pub struct RemovedFromOrganization {
    pub organization: Line,
    /// It was the last one.
    pub last: bool,
}

impl Invited {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

impl EmailProposal {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

message!(Invited, "messages/invitation.subject", "messages/invitation.txt", "messages/invitation.html");
message!(
    InvitedAgain,
    "messages/invitation_offer.subject",
    "messages/invitation_offer.txt",
    "messages/invitation_offer.html"
);
message!(
    EmailProposal,
    "messages/email_proposal.subject",
    "messages/email_proposal.txt",
    "messages/email_proposal.html"
);
message!(
    EmailProposed,
    "messages/email_proposed.subject",
    "messages/email_proposed.txt",
    "messages/email_proposed.html"
);
message!(
    EmailConfirmed,
    "messages/email_confirmed.subject",
    "messages/email_confirmed.txt",
    "messages/email_confirmed.html"
);
message!(
    RemovedFromOrganization,
    "messages/removed_from_organization.subject",
    "messages/removed_from_organization.txt",
    "messages/removed_from_organization.html"
);
