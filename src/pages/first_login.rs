//! **First login with multi-factor authentication**: a fresh link for who has not finished registering.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::domain::first_login;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::form::Form;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /register/complete: `email`.
#[derive(Template, Default)]
#[template(path = "first_login/request.html")]
pub struct FirstLoginPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
    /// The same answer whatever was typed.
    pub sent: bool,
}

/// GET /register/complete.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&FirstLoginPage { frame: visitor.frame(), ..FirstLoginPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /register/complete.
pub async fn submit(visitor: Visitor, Form(form): Form<Address>) -> Result<HttpResponse, AppError> {
    let blank = FirstLoginPage { frame: visitor.frame(), email: form.email.clone(), ..FirstLoginPage::default() };
    if let Some(errors) = flow::no_address(&form.email) {
        return page(&FirstLoginPage { errors, ..blank });
    }
    let core = &visitor.app.core;
    let Some(until) = first_login::ask(core, &form.email, &flow::device(&visitor), &visitor.origin).await? else {
        return page(&FirstLoginPage { sent: true, ..blank });
    };
    let errors = flow::too_many_tries(&Zone::named("UTC"), until, core.clock.now());
    flow::too_many(&FirstLoginPage { errors, ..blank }, until, core.clock.now())
}
