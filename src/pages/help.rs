//! **Multi-Factor Authentication Help**: guided prompts, each ending in something that works.

use actix_web::HttpResponse;
use askama::Template;

use crate::error::AppError;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET /help/mfa, signed in or not. Anchors: lost-device, new-phone, no-code, code-refused,
/// registration, locked, asks-again.
#[derive(Template)]
#[template(path = "help/mfa.html")]
pub struct HelpPage {
    pub frame: Frame,
}

pub async fn mfa(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&HelpPage { frame: visitor.frame() })
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
