//! **PHONE**, **EMAIL** or **AUTHENTICATOR APP**: what is shown at sign-in from now on.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use crate::domain::registration::{address, methods};
use crate::error::AppError;
use crate::models::FactorKind;
use crate::web::form::Form;
use crate::web::registering::Registering;
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;

/// GET and POST /register/method: `method` (phone|email|authenticator).
#[derive(Template)]
#[template(path = "registration/method.html")]
pub struct MethodPage {
    pub frame: Frame,
    pub steps: Steps,
    pub phone: bool,
    pub email: bool,
    pub app: bool,
    /// The organization that wants factors of its own, and would take codes by e-mail otherwise.
    pub own: Option<String>,
}

/// GET /register/method.
pub async fn show(registering: Registering) -> Result<HttpResponse, AppError> {
    let organization = &registering.road.organization;
    let methods = methods(&registering.visitor.app.core.settings, organization);
    let own = organization.org_level_mfa && organization.allows(FactorKind::Email);
    page(&MethodPage {
        frame: registering.visitor.frame(),
        steps: Steps::at(Steps::EMAIL, None),
        phone: methods.contains(&FactorKind::Phone),
        email: methods.contains(&FactorKind::Email),
        app: methods.contains(&FactorKind::Authenticator),
        own: own.then(|| organization.name.clone()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    method: String,
}

/// POST /register/method.
pub async fn submit(registering: Registering, Form(form): Form<Method>) -> Result<HttpResponse, AppError> {
    let method = FactorKind::parse(&form.method).ok_or(AppError::NotFound)?;
    if !address::choose(&registering.visitor.app.core, &registering.road, method).await? {
        return Err(AppError::NotFound);
    }
    Ok(see_other(if registering.road.has_password() { "/register/password" } else { "/register/email" }))
}
