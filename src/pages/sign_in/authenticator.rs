//! Second step by authenticator app or hardware token: one page, tried against each active one.

use askama::Template;

use crate::web::view::{FormErrors, Frame};

/// GET and POST /login/verify/authenticator: `code`.
#[derive(Template, Default)]
#[template(path = "sign_in/authenticator.html")]
pub struct AuthenticatorPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    pub has_app: bool,
    pub has_token: bool,
    /// Set when the code fits a nearby time.
    pub clock_off_minutes: Option<i64>,
}
