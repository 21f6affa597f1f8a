//! Second step by phone: a call that waits for the # key.

use askama::Template;

use crate::web::view::{CodeLife, Frame, PhoneChoice, ResendWait};

/// GET /login/verify/call. With scripts it asks /login/verify/call/status, which answers
/// `{"state":"waiting|approved|over"}`, and then loads this page again; without, it refreshes itself.
/// Once approved, this URL answers with the next step instead.
#[derive(Template, Default)]
#[template(path = "sign_in/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub asked_by: Option<String>,
    pub phone: PhoneChoice,
    /// False once the call was not answered or refused.
    pub waiting: bool,
    /// How long the call can be answered.
    pub life: CodeLife,
    pub wait: ResendWait,
}
