//! Text messages, calls and e-mails as they "arrive".

use askama::Template;

use crate::web::view::Frame;

/// GET /sandbox?to=&every=. A call's keys post `digit` (#|1|hangup) to its `press_url`.
#[derive(Template, Default)]
#[template(path = "sandbox/outbox.html")]
pub struct OutboxPage {
    pub frame: Frame,
    /// The recipient looked for; empty for all.
    pub to: String,
    /// Newest first, as in the two lists below.
    pub calls: Vec<Call>,
    pub texts: Vec<Text>,
    pub mails: Vec<Mail>,
    /// Set when the page refreshes itself.
    pub refresh_seconds: Option<u32>,
    /// This page with its filter, and the same refreshing itself.
    pub refresh_url: String,
    pub auto_url: String,
}

impl OutboxPage {
    fn tab(&self) -> &'static str {
        "outbox"
    }
}

#[derive(Clone, Debug)]
pub struct Call {
    pub to: String,
    pub at: String,
    /// "Ringing", "Answered with #", "Ended".
    pub state: String,
    /// Keys can still be pressed.
    pub ringing: bool,
    /// What the voice says.
    pub text: String,
    pub press_url: String,
}

#[derive(Clone, Debug)]
pub struct Text {
    pub id: String,
    pub to: String,
    pub at: String,
    pub text: String,
    pub code: Option<String>,
    pub failed: bool,
}

#[derive(Clone, Debug)]
pub struct Mail {
    pub id: String,
    pub to: String,
    pub at: String,
    pub subject: String,
    pub text: String,
    pub code: Option<String>,
    pub link: Option<String>,
    /// Where the HTML part is shown.
    pub html_url: Option<String>,
    pub failed: bool,
}
