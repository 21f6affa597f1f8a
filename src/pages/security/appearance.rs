//! Light or dark, in this browser.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::HERE;
use crate::domain::limits::APPEARANCE;
use crate::error::AppError;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::guards::SignedIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{Frame, Here, Theme};
use crate::web::visitor::Said;

/// GET and POST /security/appearance: `theme`, which is system, light or dark.
#[derive(Template, Default)]
#[template(path = "security/appearance.html")]
pub struct AppearancePage {
    pub frame: Frame,
}

/// GET /security/appearance.
pub async fn show(user: SignedIn) -> Result<HttpResponse, AppError> {
    page(&AppearancePage { frame: user.frame(Here::Security) })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    System,
    Light,
    Dark,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    theme: Choice,
}

/// POST /security/appearance. The choice is the browser's, not the account's: a cookie is all that is kept.
pub async fn save(user: SignedIn, Form(chosen): Form<Chosen>) -> Result<HttpResponse, AppError> {
    let theme = match chosen.theme {
        Choice::System => Theme::System,
        Choice::Light => Theme::Light,
        Choice::Dark => Theme::Dark,
    };
    match theme.attribute() {
        Some(word) => user.visitor.set_cookie(cookies::THEME, word.to_owned(), Some(APPEARANCE)),
        None => user.visitor.remove_cookie(cookies::THEME),
    }
    user.visitor.flash(Said::AppearanceSaved);
    Ok(see_other(HERE))
}
