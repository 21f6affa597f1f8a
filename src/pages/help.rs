//! **Multi-Factor Authentication Help**: guided prompts, each ending in something that works.

use askama::Template;

use crate::web::view::{FormErrors, Frame};

/// GET /help/mfa, signed in or not. Anchors: lost-device, new-phone, no-code, code-refused,
/// registration, locked, asks-again.
#[derive(Template)]
#[template(path = "help/mfa.html")]
pub struct HelpPage {
    pub frame: Frame,
}

/// GET and POST /help/mfa/registration: `email`, `password`.
#[derive(Template, Default)]
#[template(path = "help/registration.html")]
pub struct RegistrationHelpPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
    /// The same answer whatever was typed.
    pub sent: bool,
}
