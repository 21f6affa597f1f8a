//! The password that was chosen before the registration stopped; or the way to another one.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Steps, organization};
use crate::domain::access::page_of;
use crate::domain::registration::resume::{Resumed, resume};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::registering::{ERROR, Registering};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::{cookies, session};

/// GET and POST /register/password: `password`.
#[derive(Template, Default)]
#[template(path = "registration/password.html")]
pub struct PasswordPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub email: String,
}

fn blank(registering: &Registering) -> Result<PasswordPage, AppError> {
    let road = &registering.road;
    let user = road.user.as_ref().filter(|_| road.has_password() && road.registration.method.is_some());
    let user = user.ok_or_else(|| AppError::SeeOther(ERROR.into()))?;
    Ok(PasswordPage {
        frame: registering.visitor.frame(),
        steps: Steps::at(Steps::EMAIL, road.registration.method),
        email: user.email.clone(),
        ..PasswordPage::default()
    })
}

/// GET /register/password.
pub async fn show(registering: Registering) -> Result<HttpResponse, AppError> {
    page(&blank(&registering)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    password: Secret<String>,
}

/// POST /register/password.
pub async fn submit(registering: Registering, Form(form): Form<Password>) -> Result<HttpResponse, AppError> {
    let again = blank(&registering)?;
    if form.password.expose().is_empty() {
        return page(&PasswordPage { errors: FormErrors::one("password", "Enter your password."), ..again });
    }
    let Registering { visitor, road } = registering;
    let (core, browser) = (&visitor.app.core, (flow::device(&visitor), visitor.network()));
    match resume(core, &road, form.password, browser, &visitor.origin).await? {
        Resumed::Opened(opened) => {
            visitor.remove_cookie(cookies::REGISTRATION);
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other(page_of(opened.session.stage)))
        }
        Resumed::Wrong => {
            let errors = FormErrors::one("password", "The password is not right. Try again.");
            page(&PasswordPage { errors, ..again })
        }
        Resumed::TooMany { until } => {
            let errors = organization::too_many(until, core.clock.now());
            flow::too_many(&PasswordPage { errors, ..again }, until, core.clock.now())
        }
        Resumed::OutOfOrder => Ok(see_other(ERROR)),
    }
}
