//! The messages of a registration.

use askama::Template;

use super::line::Line;
use super::message::Email;
use super::messages::{Asked, Letterhead, Message, Recipient, in_words, message, tidy};

/// The link that goes on after **Enter User Information**.
pub struct RegistrationLink {
    pub link: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// A fresh link for a registration or an invitation that waits.
pub struct RegistrationReset {
    pub link: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// The username was somebody else's at **Create**; the link begins with another one.
pub struct RegistrationUsernameTaken {
    pub username: Line,
    pub link: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// Somebody wanted to register with the address of an account; to its owner.
pub struct RegistrationAddressTaken {
    /// That account waits for its registration to be finished, so nobody can sign in yet.
    pub unfinished: bool,
    pub asked: Asked,
}

macro_rules! life {
    ($($message:ident),+) => {$(
        impl $message {
            fn life(&self) -> String {
                in_words(self.life_seconds)
            }
        }
    )+};
}
life!(RegistrationLink, RegistrationReset, RegistrationUsernameTaken);

message!(
    RegistrationLink,
    "messages/registration_link.subject",
    "messages/registration_link.txt",
    "messages/registration_link.html"
);
message!(
    RegistrationReset,
    "messages/registration_reset.subject",
    "messages/registration_reset.txt",
    "messages/registration_reset.html"
);
message!(
    RegistrationUsernameTaken,
    "messages/registration_username_taken.subject",
    "messages/registration_username_taken.txt",
    "messages/registration_username_taken.html"
);
message!(
    RegistrationAddressTaken,
    "messages/registration_address_taken.subject",
    "messages/registration_address_taken.txt",
    "messages/registration_address_taken.html"
);
