//! The new password, twice. A refused one keeps the flow: nothing is to be shown again.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::domain::password_reset::{self, Change, Outcome};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::guards::ChoosingPassword;
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /forgot-password/new-password: `password`, `confirmation`.
#[derive(Template, Default)]
#[template(path = "password_reset/new_password.html")]
pub struct NewPasswordPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// For password managers.
    pub email: String,
    pub min_length: usize,
}

/// GET /forgot-password/new-password.
pub async fn show(choosing: ChoosingPassword) -> Result<HttpResponse, AppError> {
    page(&blank(&choosing))
}

fn blank(choosing: &ChoosingPassword) -> NewPasswordPage {
    NewPasswordPage {
        frame: choosing.visitor.frame(),
        errors: FormErrors::default(),
        email: choosing.access.user.email.clone(),
        min_length: password_reset::min_length(&choosing.access),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    password: Secret<String>,
    confirmation: Secret<String>,
}

/// POST /forgot-password/new-password.
pub async fn submit(choosing: ChoosingPassword, Form(form): Form<Chosen>) -> Result<HttpResponse, AppError> {
    let again = blank(&choosing);
    let errors = mismatch(&form);
    if !errors.is_empty() {
        return page(&NewPasswordPage { errors, ..again });
    }
    let ChoosingPassword { visitor, session, access } = choosing;
    let device = flow::device(&visitor);
    let change = Change { password: form.password, device: device.clone(), network: visitor.network() };
    match password_reset::change(&visitor.app.core, &session, access, change, &visitor.origin).await? {
        Outcome::Refused(why) => {
            page(&NewPasswordPage { errors: FormErrors::one("password", why.to_string()), ..again })
        }
        Outcome::SignedIn(passed) => {
            visitor.flash(Said::PasswordChanged);
            flow::go_on(&visitor, &passed, &device)
        }
        Outcome::SignIn => {
            session::leave(&visitor.handle);
            visitor.flash(Said::PasswordChanged);
            Ok(see_other("/login"))
        }
        Outcome::Gone => Ok(see_other("/")),
    }
}

fn mismatch(form: &Chosen) -> FormErrors {
    let mut errors = FormErrors::default();
    if form.password.expose().is_empty() {
        errors.add("password", "Enter a new password.");
    } else if form.password.expose() != form.confirmation.expose() {
        errors.add("confirmation", "The two passwords are not the same. Enter both again.");
    }
    errors
}
