//! **Reset** of a registration: the username, then the same answer whoever has it.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::organization;
use crate::domain::registration::reset;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /register/reset: `username`.
#[derive(Template, Default)]
#[template(path = "registration/reset.html")]
pub struct ResetPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub username: String,
    pub sent: bool,
}

/// GET /register/reset.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&ResetPage { frame: visitor.frame(), ..ResetPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Username {
    username: String,
}

/// POST /register/reset: **Submit**.
pub async fn submit(visitor: Visitor, Form(form): Form<Username>) -> Result<HttpResponse, AppError> {
    let username = form.username.trim().to_owned();
    let again = ResetPage { frame: visitor.frame(), username: form.username, ..ResetPage::default() };
    if username.is_empty() {
        return page(&ResetPage { errors: FormErrors::one("username", "Enter your username."), ..again });
    }
    let core = &visitor.app.core;
    match reset::submit(core, &username, &visitor.origin).await? {
        None => Ok(see_other("/register/reset/sent")),
        Some(until) => flow::too_many(
            &ResetPage { errors: organization::too_many(until, core.clock.now()), ..again },
            until,
            core.clock.now(),
        ),
    }
}

/// GET /register/reset/sent.
pub async fn sent(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&ResetPage { frame: visitor.frame(), sent: true, ..ResetPage::default() })
}
