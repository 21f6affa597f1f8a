//! **Create a New Account – Specify Your Organization**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use crate::clock::Timestamp;
use crate::domain::registration::organization::{self, Found, Typed};
use crate::domain::registration_codes;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /register: `npi`, `code`.
#[derive(Template, Default)]
#[template(path = "registration/organization.html")]
pub struct OrganizationPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub npi: String,
    pub code: String,
}

const NONE: &str = "The NPI and the provider registration code do not go together. Check both and try again.";

fn blank(visitor: &Visitor) -> OrganizationPage {
    OrganizationPage {
        frame: visitor.frame(),
        steps: Steps::at(Steps::ORGANIZATION, None),
        ..OrganizationPage::default()
    }
}

/// GET /register.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&blank(&visitor))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    npi: String,
    code: String,
}

/// POST /register.
pub async fn submit(visitor: Visitor, Form(form): Form<Organization>) -> Result<HttpResponse, AppError> {
    // Where there is no NPI the code stands in its place.
    let (npi, code) = (registration_codes::normalize(&form.npi), registration_codes::normalize(&form.code));
    let again = OrganizationPage { npi: form.npi, code: form.code, ..blank(&visitor) };
    let errors = problems(&npi, &code);
    if !errors.is_empty() {
        return page(&OrganizationPage { errors, ..again });
    }
    let core = &visitor.app.core;
    let typed = Typed { npi, code, network: visitor.network() };
    match organization::find(core, typed, &visitor.origin).await? {
        Found::Ticket(ticket) => {
            visitor.set_cookie(cookies::PRACTICE, ticket, None);
            Ok(see_other("/register/details"))
        }
        Found::None => page(&OrganizationPage { errors: FormErrors::one("", NONE), ..again }),
        Found::TooMany { until } => {
            let errors = too_many(until, core.clock.now());
            flow::too_many(&OrganizationPage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// Whoever has no NPI types the code into both fields.
fn problems(npi: &str, code: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    if npi.is_empty() {
        errors.add("npi", "Enter the NPI of your organization.");
    } else if npi != code && !organization::is_npi(npi) {
        errors.add("npi", "Enter the 10 digits of the NPI. These are not one.");
    }
    if code.is_empty() {
        errors.add("code", "Enter the provider registration code.");
    } else if code.chars().count() > 100 {
        errors.add("code", "Enter the provider registration code as you were given it.");
    }
    errors
}

/// Strangers have no zone.
pub fn too_many(until: Timestamp, now: Timestamp) -> FormErrors {
    let at = Zone::named("UTC").when(until, now);
    FormErrors::one("", format!("Too many tries. You can try again at {at}."))
}
