//! The clock to move and the senders to break.

use askama::Template;

use crate::web::view::{FormErrors, Frame};

/// GET /sandbox/controls. Posts `offset_seconds` or `reset` (1) to /sandbox/controls/clock, and `email`,
/// `sms`, `call` (ok|slow|fail) to /sandbox/controls/senders.
#[derive(Template, Default)]
#[template(path = "sandbox/controls.html")]
pub struct ControlsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// Vestibule's time, in words.
    pub now: String,
    pub offset_seconds: i64,
    /// "4 hours ahead of the real time"; unused at 0.
    pub offset_words: String,
    pub senders: Vec<Sender>,
}

impl ControlsPage {
    fn tab(&self) -> &'static str {
        "controls"
    }
}

#[derive(Clone, Debug)]
pub struct Sender {
    /// "email", "sms" or "call".
    pub channel: String,
    /// "E-mail", "Text messages", "Calls".
    pub label: String,
    /// "ok", "slow" or "fail".
    pub mode: String,
}
