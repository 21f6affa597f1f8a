//! The address. The answer is the same whoever has it.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::refused;
use crate::domain::limits::PASSWORD_RESET;
use crate::domain::password_reset;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /forgot-password: `email`.
#[derive(Template, Default)]
#[template(path = "password_reset/request.html")]
pub struct RequestPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
}

/// GET /forgot-password.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&RequestPage { frame: visitor.frame(), ..RequestPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /forgot-password: **Send verification code**.
pub async fn submit(visitor: Visitor, Form(form): Form<Address>) -> Result<HttpResponse, AppError> {
    let again = |errors| RequestPage { frame: visitor.frame(), errors, email: form.email.clone() };
    if let Some(errors) = flow::no_address(&form.email) {
        return page(&again(errors));
    }
    let core = &visitor.app.core;
    match password_reset::start(core, &form.email, &flow::device(&visitor), &visitor.origin).await? {
        Ok(token) => {
            visitor.set_cookie(cookies::RESET, token.expose().clone(), Some(PASSWORD_RESET));
            Ok(see_other("/forgot-password/code"))
        }
        Err(why) => {
            let (errors, why) = refused(&visitor, why);
            flow::refused(&again(errors), why, core.clock.now())
        }
    }
}
