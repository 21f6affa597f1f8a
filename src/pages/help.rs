//! **Multi-Factor Authentication Help**: guided prompts, each ending in something that works.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::domain::first_login::{self, Credentials};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET /help/mfa, signed in or not. Anchors: lost-device, new-phone, no-code, code-refused,
/// registration, locked, asks-again.
#[derive(Template)]
#[template(path = "help/mfa.html")]
pub struct HelpPage {
    pub frame: Frame,
}

pub async fn mfa(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&HelpPage { frame: visitor.frame() })
}

/// GET and POST /help/mfa/registration: `email`, `password`.
#[derive(Template, Default)]
#[template(path = "help/registration.html")]
pub struct RegistrationHelpPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
    /// The same answer whatever was typed.
    pub sent: bool,
}

/// GET /help/mfa/registration.
pub async fn registration(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&RegistrationHelpPage { frame: visitor.frame(), ..RegistrationHelpPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    email: String,
    password: Secret<String>,
}

/// POST /help/mfa/registration: a fresh link where address and password are right.
pub async fn send_link(visitor: Visitor, Form(form): Form<Typed>) -> Result<HttpResponse, AppError> {
    let blank = RegistrationHelpPage { frame: visitor.frame(), email: form.email.clone(), ..Default::default() };
    let mut errors = flow::no_address(&form.email).unwrap_or_default();
    if form.password.expose().is_empty() {
        errors.add("password", "Enter your password.");
    }
    if !errors.is_empty() {
        return page(&RegistrationHelpPage { errors, ..blank });
    }
    let (device, network) = (flow::device(&visitor), visitor.network());
    let typed = Credentials { email: form.email, password: form.password, device, network };
    let core = &visitor.app.core;
    let Some(until) = first_login::ask_with_password(core, typed, &visitor.origin).await? else {
        return page(&RegistrationHelpPage { sent: true, ..blank });
    };
    let errors = flow::too_many_tries(&Zone::named("UTC"), until, core.clock.now());
    flow::too_many(&RegistrationHelpPage { errors, ..blank }, until, core.clock.now())
}
