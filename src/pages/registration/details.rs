//! **Create a New Account – Enter User Information**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Steps, organization};
use crate::domain::registration::details::Details;
use crate::domain::registration::organization::of_ticket;
use crate::domain::registration::start::{self, Started};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::registering::ERROR;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

/// GET and POST /register/details: the fields of [`Typed`].
#[derive(Template, Default)]
#[template(path = "registration/details.html")]
pub struct DetailsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub organization: String,
    pub fax_required: bool,
    pub typed: Details,
}

/// The ticket of this browser and the page for its organization.
async fn blank(visitor: &Visitor) -> Result<(String, DetailsPage), AppError> {
    let elsewhere = || AppError::SeeOther(ERROR.into());
    let ticket = visitor.cookie(cookies::PRACTICE).ok_or_else(elsewhere)?;
    let (_, organization) = of_ticket(&visitor.app.core, &ticket).await?.ok_or_else(elsewhere)?;
    let page = DetailsPage {
        frame: visitor.frame(),
        steps: Steps::at(Steps::DETAILS, None),
        organization: organization.name,
        fax_required: organization.fax_required,
        ..DetailsPage::default()
    };
    Ok((ticket, page))
}

/// GET /register/details.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&blank(&visitor).await?.1)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    username: String,
    first_name: String,
    last_name: String,
    #[serde(default)]
    address_1: String,
    #[serde(default)]
    address_2: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    zip_code: String,
    email: String,
    confirm_email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    fax: String,
}

impl From<Typed> for Details {
    fn from(typed: Typed) -> Self {
        Self {
            username: typed.username,
            first_name: typed.first_name,
            last_name: typed.last_name,
            address_1: typed.address_1,
            address_2: typed.address_2,
            city: typed.city,
            state: typed.state,
            zip_code: typed.zip_code,
            email: typed.email,
            confirm_email: typed.confirm_email,
            phone: typed.phone,
            fax: typed.fax,
        }
    }
}

/// POST /register/details.
pub async fn submit(visitor: Visitor, Form(form): Form<Typed>) -> Result<HttpResponse, AppError> {
    let (ticket, again) = blank(&visitor).await?;
    let typed = Details::from(form);
    let details = typed.trimmed();
    let mut errors = FormErrors::default();
    for (field, message) in details.problems(again.fax_required) {
        errors.add(field, message);
    }
    if !errors.is_empty() {
        return page(&DetailsPage { errors, typed, ..again });
    }
    let core = &visitor.app.core;
    match start::start(core, &ticket, details, &visitor.origin).await? {
        Started::Mailed => Ok(see_other("/register/sent")),
        Started::Stale => Ok(see_other(ERROR)),
        Started::TooMany { until } => {
            let errors = organization::too_many(until, core.clock.now());
            flow::too_many(&DetailsPage { errors, typed, ..again }, until, core.clock.now())
        }
    }
}
