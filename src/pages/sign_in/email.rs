//! Second step by e-mail: send, enter, continue, all under one URL.

use askama::Template;

use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, ResendWait};

/// GET /login/verify/email. Nothing but the token is posted to /login/verify/email (send) and
/// /login/verify/email/continue; `code` goes to /login/verify/email/code.
#[derive(Template, Default)]
#[template(path = "sign_in/email.html")]
pub struct EmailPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    /// In full: it is the one just typed.
    pub email: String,
    /// `None` before the first code was asked for.
    pub delivery: Option<Delivery>,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
    /// The code was right; **Continue** is all that is left.
    pub verified: bool,
}
