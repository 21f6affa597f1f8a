//! In which zone somebody reads times.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::HERE;
use crate::domain::security::time_zone;
use crate::domain::times::ZONES;
use crate::error::AppError;
use crate::web::form::Form;
use crate::web::guards::SignedIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/time-zone: `time_zone`, empty for the organization's.
#[derive(Template, Default)]
#[template(path = "security/time_zone.html")]
pub struct TimeZonePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub time_zone: String,
    /// What counts where the field is empty.
    pub otherwise: String,
    /// To pick from; every other IANA name may be typed.
    pub zones: &'static [&'static str],
}

fn form(user: &SignedIn, time_zone: String, errors: FormErrors) -> TimeZonePage {
    let organization = user.access.current(&user.session).map(|(_, o)| o).or_else(|| user.access.managing());
    let otherwise = organization.map_or("UTC", |o| o.time_zone.as_str()).to_owned();
    TimeZonePage { frame: user.frame(Here::Security), errors, time_zone, otherwise, zones: ZONES }
}

/// GET /security/time-zone.
pub async fn show(user: SignedIn) -> Result<HttpResponse, AppError> {
    page(&form(&user, user.access.user.time_zone.clone().unwrap_or_default(), FormErrors::default()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    time_zone: String,
}

/// POST /security/time-zone.
pub async fn save(user: SignedIn, Form(typed): Form<Typed>) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    if time_zone::choose(&visitor.app.core, &user.session, &typed.time_zone, &visitor.origin).await? {
        visitor.flash(Said::TimeZoneSaved);
        return Ok(see_other(HERE));
    }
    let errors = FormErrors::one("time_zone", "Enter a time zone such as America/Chicago, or leave it empty.");
    page(&form(&user, typed.time_zone, errors))
}
