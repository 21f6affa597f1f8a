//! **Login Options**: by phone or by e-mail, the two ways in.

use askama::Template;

use crate::web::view::Frame;

/// GET /login. Posts `option` (phone|email), `remember` (1) and `return_to` to /login, or nothing to
/// /login/domain.
#[derive(Template)]
#[template(path = "sign_in/options.html")]
pub struct OptionsPage {
    pub frame: Frame,
    /// Whether the box starts checked: it does while anybody is remembered here.
    pub remember_checked: bool,
    /// The checked local path to go on to afterwards.
    pub return_to: Option<String>,
    /// The name before "domain account"; `None` where no domain is configured.
    pub domain: Option<String>,
}
