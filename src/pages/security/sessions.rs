//! **Sessions**: every browser that is signed in, and what this one remembers.

use askama::Template;

use crate::pages::sign_in::signed_out::Remembered;
use crate::web::view::Frame;

/// GET /security/sessions. Posts to /security/sessions/{id}/end, /security/sessions/end-others and
/// /forget-browser.
#[derive(Template, Default)]
#[template(path = "security/sessions.html")]
pub struct SessionsPage {
    pub frame: Frame,
    /// This device first, then last used first.
    pub sessions: Vec<SessionLine>,
    pub remembered: Vec<Remembered>,
}

#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Public id, never the cookie's secret.
    pub id: String,
    /// "Chrome on Windows".
    pub device: String,
    pub handheld: bool,
    pub address: String,
    pub started: String,
    pub last_used: String,
    pub this_device: bool,
}
