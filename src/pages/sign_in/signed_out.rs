//! Signed out, and what this browser still remembers.

use askama::Template;

use crate::web::view::Frame;

/// GET /signed-out. **Forget this browser** posts to /forget-browser.
#[derive(Template, Default)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOutPage {
    pub frame: Frame,
    pub remembered: Vec<Remembered>,
}

/// One entry of Remember Me.
#[derive(Clone, Debug)]
pub struct Remembered {
    pub person: String,
    /// "Login with Phone" or "Login with Email".
    pub option: String,
    /// The clock time of the end.
    pub until: String,
}
