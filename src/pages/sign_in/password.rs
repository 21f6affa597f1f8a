//! E-mail address and password. Says nothing about methods, nor whether an account exists.

use askama::Template;

use crate::web::view::{FormErrors, Frame};

/// GET and POST /login/{option}: `email`, `password`, `return_to`.
#[derive(Template, Default)]
#[template(path = "sign_in/password.html")]
pub struct PasswordPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// "phone" or "email", as in the URL.
    pub option: String,
    pub email: String,
    /// Whether Remember Me was checked on the page before.
    pub remember: bool,
    pub return_to: Option<String>,
    /// The clock time from which another try is allowed; answered with 429.
    pub throttled_until: Option<String>,
    /// Seconds until another try makes sense while too many passwords are being checked; 503.
    pub busy_seconds: Option<i64>,
}
