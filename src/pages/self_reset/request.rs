//! What is needed, and the address. The answer is the same whoever has it.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::domain::self_reset;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::form::Form;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /mfa/reset: `email`.
#[derive(Template, Default)]
#[template(path = "self_reset/request.html")]
pub struct RequestPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
    /// Whether this installation has identity checks.
    pub available: bool,
    /// The same answer whatever was typed.
    pub sent: bool,
}

/// GET /mfa/reset.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&blank(&visitor))
}

fn blank(visitor: &Visitor) -> RequestPage {
    RequestPage { frame: visitor.frame(), available: visitor.app.identity.is_some(), ..RequestPage::default() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /mfa/reset: **Continue**.
pub async fn submit(visitor: Visitor, Form(form): Form<Address>) -> Result<HttpResponse, AppError> {
    let again = RequestPage { email: form.email.clone(), ..blank(&visitor) };
    if !again.available {
        return page(&again);
    }
    if let Some(errors) = flow::no_address(&form.email) {
        return page(&RequestPage { errors, ..again });
    }
    let core = &visitor.app.core;
    match self_reset::ask(core, &form.email, &flow::device(&visitor), &visitor.origin).await? {
        None => page(&RequestPage { sent: true, ..again }),
        Some(until) => {
            let errors = flow::too_many_tries(&Zone::named("UTC"), until, core.clock.now());
            flow::too_many(&RequestPage { errors, ..again }, until, core.clock.now())
        }
    }
}
