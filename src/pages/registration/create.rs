//! **Create**: the password, and with it the account.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::email::{self, EmailPage};
use crate::domain::access::page_of;
use crate::domain::registration::create::{self, Created};
use crate::error::AppError;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::registering::{ERROR, Registering};
use crate::web::respond::{page, see_other};
use crate::web::view::FormErrors;
use crate::web::{cookies, session};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    new_password: Secret<String>,
    confirm_password: Secret<String>,
}

const CODE_OVER: &str = "Your provider registration code no longer works. Ask your practice for the new one and create a new account with it.";

/// POST /register/email/create.
pub async fn submit(registering: Registering, Form(form): Form<Password>) -> Result<HttpResponse, AppError> {
    let again = email::blank(&registering).await?;
    if !again.verified {
        return Err(AppError::SeeOther(ERROR.into()));
    }
    let errors = problems(&form);
    if !errors.is_empty() {
        return page(&EmailPage { errors, ..again });
    }
    let Registering { visitor, road } = registering;
    match create::create(&visitor.app.core, &road, form.new_password, &visitor.origin).await? {
        Created::Opened(opened) => {
            visitor.remove_cookie(cookies::REGISTRATION);
            visitor.remove_cookie(cookies::PRACTICE);
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other(page_of(opened.session.stage)))
        }
        Created::CheckEmail => {
            visitor.remove_cookie(cookies::REGISTRATION);
            Ok(see_other("/register/sent"))
        }
        Created::Refused(refusal) => {
            page(&EmailPage { errors: FormErrors::one("new_password", refusal.to_string()), ..again })
        }
        Created::CodeOver => page(&EmailPage { errors: FormErrors::one("", CODE_OVER), ..again }),
        Created::OutOfOrder => Ok(see_other(ERROR)),
    }
}

fn problems(form: &Password) -> FormErrors {
    let mut errors = FormErrors::default();
    if form.new_password.expose().is_empty() {
        errors.add("new_password", "Enter a password.");
    } else if !form.new_password.matches(form.confirm_password.expose().as_bytes()) {
        errors.add("confirm_password", "The two passwords are not the same.");
    }
    errors
}
