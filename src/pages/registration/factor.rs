//! After **Create**: to the factor that was chosen, or to another one, so that nobody whose phone takes
//! no code is stuck.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::domain::access::page_of;
use crate::domain::registration::{authenticator, factor};
use crate::error::AppError;
use crate::models::FactorKind;
use crate::web::form::Form;
use crate::web::registering::Enrolling;
use crate::web::respond::see_other;
use crate::web::session;

/// GET /register/factor.
pub async fn show(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    let method = factor::chosen(&enrolling.visitor.app.core, &enrolling.session.user_id).await?;
    Ok(see_other(match method {
        Some(FactorKind::Authenticator) => "/register/authenticator",
        _ => "/register/phone",
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    method: String,
}

/// POST /register/factor: another method.
pub async fn submit(enrolling: Enrolling, Form(form): Form<Method>) -> Result<HttpResponse, AppError> {
    let method = FactorKind::parse(&form.method).ok_or(AppError::NotFound)?;
    let Enrolling { visitor, session, access } = enrolling;
    let core = &visitor.app.core;
    match factor::choose(core, &session, &access, method, &visitor.origin).await? {
        factor::Chosen::NotAllowed => Err(AppError::NotFound),
        factor::Chosen::Next => {
            if method == FactorKind::Authenticator {
                authenticator::begin(core, &session, &access).await?;
            }
            Ok(see_other("/register/factor"))
        }
        factor::Chosen::Done(opened) => {
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other(page_of(opened.session.stage)))
        }
    }
}
