//! E-mail address and password. Says nothing about methods, nor whether an account exists.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{flow, options, people};
use crate::db::Fault;
use crate::domain::remember_me;
use crate::domain::sign_in::password::{self, Attempt, Outcome};
use crate::domain::times::Zone;
use crate::error::{AppError, outside};
use crate::models::LoginOption;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::guards::login_and_back;
use crate::web::respond::{page, page_with, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;
use crate::web::{return_to, session, tickets};

/// GET and POST /login/{option}: `email`, `password`, `return_to`.
#[derive(Template, Default)]
#[template(path = "sign_in/password.html")]
pub struct PasswordPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// "phone" or "email", as in the URL.
    pub option: String,
    pub email: String,
    /// Whether Remember Me was checked on the page before.
    pub remember: bool,
    pub return_to: Option<String>,
    /// **Login Options**, with the way on kept.
    pub options: String,
}

/// The same words for every reason. ASVS 6.3.8.
const WRONG: &str = "The email address or password is not right. Check both and try again.";

#[derive(Deserialize)]
pub struct Query {
    return_to: Option<String>,
    somebody: Option<String>,
    remember: Option<String>,
}

/// GET /login/{option}.
pub async fn show(
    visitor: Visitor,
    option: web::Path<String>,
    query: web::Query<Query>,
) -> Result<HttpResponse, AppError> {
    let option = flow::option(&option)?;
    let query = query.into_inner();
    let return_to = query.return_to.and_then(|path| return_to::check(&path));
    let kept = tickets::read(&visitor);
    if query.somebody.is_none() {
        let people = options::of_option(remember_me::people(&visitor.app.core, &kept).await?, option);
        if people.len() > 1 {
            return page(&people::page_of(&visitor, option, people, return_to));
        }
    }
    page(&blank(&visitor, option, query.remember.is_some(), return_to))
}

fn blank(visitor: &Visitor, option: LoginOption, remember: bool, return_to: Option<String>) -> PasswordPage {
    PasswordPage {
        frame: visitor.frame(),
        option: option.to_string(),
        remember,
        options: login_and_back(return_to.as_deref()),
        return_to,
        ..PasswordPage::default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    email: String,
    password: Secret<String>,
    return_to: Option<String>,
    remember: Option<String>,
}

/// POST /login/{option}.
pub async fn submit(
    visitor: Visitor,
    option: web::Path<String>,
    Form(form): Form<Credentials>,
) -> Result<HttpResponse, AppError> {
    let option = flow::option(&option)?;
    let return_to = form.return_to.and_then(|path| return_to::check(&path));
    let again = PasswordPage {
        email: form.email.clone(),
        ..blank(&visitor, option, form.remember.is_some(), return_to.clone())
    };
    let errors = missing(&form.email, &form.password);
    if !errors.is_empty() {
        return page(&PasswordPage { errors, ..again });
    }
    let device = flow::device(&visitor);
    let attempt = Attempt {
        option,
        email: form.email,
        password: form.password,
        remember: again.remember,
        return_to,
        device: device.clone(),
        network: visitor.network(),
    };
    match password::attempt(&visitor.app.core, attempt, &visitor.origin).await {
        Ok(Outcome::SecondStep(opened)) => {
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other("/login/verify"))
        }
        Ok(Outcome::Passed(passed)) => flow::go_on(&visitor, &passed, &device),
        Ok(Outcome::Unfinished) => Ok(see_other("/register/error")),
        Ok(Outcome::Outside) => {
            let errors = FormErrors::one("", outside(&visitor.origin.address));
            page_with(StatusCode::FORBIDDEN, &PasswordPage { errors, ..again })
        }
        Ok(Outcome::Wrong) => page(&PasswordPage { errors: FormErrors::one("", WRONG), ..again }),
        Ok(Outcome::TooMany { until }) => {
            let now = visitor.app.core.clock.now();
            let errors = flow::too_many_tries(&Zone::named("UTC"), until, now);
            flow::too_many(&PasswordPage { errors, ..again }, until, now)
        }
        Err(Fault::Busy { retry_after_seconds }) => busy(again, retry_after_seconds),
        Err(fault) => Err(fault.into()),
    }
}

fn missing(email: &str, password: &Secret<String>) -> FormErrors {
    let mut errors = FormErrors::default();
    if email.trim().is_empty() {
        errors.add("email", "Enter your email address.");
    }
    if password.expose().is_empty() {
        errors.add("password", "Enter your password.");
    }
    errors
}

fn busy(again: PasswordPage, seconds: u64) -> Result<HttpResponse, AppError> {
    let errors = FormErrors::one("", format!("The service is busy. Try again in {seconds} seconds."));
    let mut response = page_with(StatusCode::SERVICE_UNAVAILABLE, &PasswordPage { errors, ..again })?;
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}
