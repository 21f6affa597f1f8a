//! A new password, with the present one asked for.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::done;
use crate::domain::password_reset::min_length;
use crate::domain::security::password::{self as domain, Changed, Typed};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::guards::Fresh;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/password: `current_password`, `new_password`, `confirm_password`.
#[derive(Template, Default)]
#[template(path = "security/password.html")]
pub struct PasswordPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// For password managers.
    pub email: String,
    pub min_length: usize,
}

/// GET /security/password.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&blank(&user))
}

fn blank(user: &Fresh) -> PasswordPage {
    PasswordPage {
        frame: user.frame(Here::Security),
        errors: FormErrors::default(),
        email: user.access.user.email.clone(),
        min_length: min_length(&user.access),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    current_password: Secret<String>,
    new_password: Secret<String>,
    confirm_password: Secret<String>,
}

/// POST /security/password.
pub async fn submit(user: Fresh, Form(form): Form<Passwords>) -> Result<HttpResponse, AppError> {
    let again = blank(&user);
    let errors = missing(&form);
    if !errors.is_empty() {
        return page(&PasswordPage { errors, ..again });
    }
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    let (current, new) = (form.current_password, form.new_password);
    let typed = Typed { current, new, device: flow::device(visitor), network: visitor.network() };
    let errors = match domain::change(core, &user.session, &user.access, typed, &visitor.origin).await? {
        Changed::Done(opened) => return done(visitor, &opened, Said::PasswordChanged),
        Changed::TooMany { until } => {
            let errors = flow::paused(&user.zone(), until, core.clock.now());
            return flow::too_many(&PasswordPage { errors, ..again }, until, core.clock.now());
        }
        Changed::Wrong => FormErrors::one("current_password", "That is not your current password."),
        Changed::Refused(why) => FormErrors::one("new_password", why.to_string()),
        Changed::Same => FormErrors::one("new_password", "This is your current password. Choose another one."),
    };
    page(&PasswordPage { errors, ..again })
}

fn missing(form: &Passwords) -> FormErrors {
    let mut errors = FormErrors::default();
    if form.current_password.expose().is_empty() {
        errors.add("current_password", "Enter your current password.");
    }
    if form.new_password.expose().is_empty() {
        errors.add("new_password", "Enter a new password.");
    } else if form.new_password.expose() != form.confirm_password.expose() {
        errors.add("confirm_password", "The two passwords are not the same. Enter both again.");
    }
    errors
}
