//! **Home**: how well the account is protected, what is new, who signed in, where to go.

use askama::Template;

use crate::web::view::{Badge, Frame, Kind, Link, Notice};

/// GET /home.
#[derive(Template, Default)]
#[template(path = "home.html")]
pub struct HomePage {
    pub frame: Frame,
    /// "Good afternoon, Daniyel".
    pub greeting: String,
    /// No factor at all: a banner leads to the set-up.
    pub needs_set_up: bool,
    pub new_messages: i64,
    /// How the account stands as a whole.
    pub status: Kind,
    /// "Your account is well protected".
    pub headline: String,
    /// "One thing to do, and it takes a minute."
    pub advice: String,
    pub checks: Vec<Check>,
    /// The one thing to do, such as "Get new recovery codes".
    pub next_step: Option<Link>,
    pub sign_ins: Vec<SignIn>,
    /// At most two.
    pub notices: Vec<Notice>,
    /// The organization's links to its applications.
    pub applications: Vec<Link>,
}

/// One line of the security status: "Password changed", "42 days ago".
#[derive(Clone, Debug)]
pub struct Check {
    pub kind: Kind,
    pub text: String,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct SignIn {
    /// "Chrome on Windows".
    pub device: String,
    /// A phone or tablet rather than a computer.
    pub handheld: bool,
    /// "Text message code", "Wrong code, 3 tries".
    pub factor: String,
    pub address: String,
    pub at: String,
    /// "Signed in", "Refused".
    pub outcome: Badge,
    pub this_device: bool,
}
