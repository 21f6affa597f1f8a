//! Another username, where somebody else was first. Whether this one is free is settled at **Create**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use crate::domain::registration::{address, details};
use crate::error::AppError;
use crate::web::form::Form;
use crate::web::registering::{ERROR, Registering};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};

/// GET and POST /register/username: `username`.
#[derive(Template, Default)]
#[template(path = "registration/username.html")]
pub struct UsernamePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    /// The one that was taken.
    pub taken: String,
    pub username: String,
}

fn blank(registering: &Registering) -> Result<UsernamePage, AppError> {
    if !registering.road.renames() {
        return Err(AppError::SeeOther(ERROR.into()));
    }
    Ok(UsernamePage {
        frame: registering.visitor.frame(),
        steps: Steps::at(Steps::DETAILS, registering.road.registration.method),
        taken: registering.road.registration.username.clone(),
        ..UsernamePage::default()
    })
}

/// GET /register/username.
pub async fn show(registering: Registering) -> Result<HttpResponse, AppError> {
    page(&blank(&registering)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Username {
    username: String,
}

/// POST /register/username.
pub async fn submit(registering: Registering, Form(form): Form<Username>) -> Result<HttpResponse, AppError> {
    let again = UsernamePage { username: form.username.clone(), ..blank(&registering)? };
    let username = form.username.trim().to_owned();
    if let Err(message) = details::username(&username) {
        return page(&UsernamePage { errors: FormErrors::one("username", message), ..again });
    }
    address::rename(&registering.visitor.app.core, &registering.road, username).await?;
    Ok(see_other("/register/method"))
}
