//! **Choose organization**, at the end of a sign-in and from the profile menu.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, options};
use crate::domain::access::{Access, page_of, role_words};
use crate::domain::sign_in::organization::{Entered, demands, enter};
use crate::domain::sign_in::set_up::Demand;
use crate::error::{AppError, outside};
use crate::models::Stage;
use crate::models::sessions::Session;
use crate::web::form::Form;
use crate::web::guards::checked;
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::{Said, Visitor};

/// GET and POST /login/organization: `organization`.
#[derive(Template, Default)]
#[template(path = "sign_in/organization.html")]
pub struct OrganizationPage {
    pub frame: Frame,
    pub organizations: Vec<OrganizationChoice>,
    /// From the profile menu: the way back is Home, not Cancel.
    pub switching: bool,
}

#[derive(Clone, Debug, Default)]
pub struct OrganizationChoice {
    pub id: String,
    pub name: String,
    /// "Member", "Administrator", "Account Holder".
    pub role: String,
    pub current: bool,
    /// What it asks for first, such as "asks for your authenticator".
    pub note: Option<String>,
    /// Why it can't be entered now; then there is no button.
    pub refusal: Option<String>,
}

const OWN_FACTOR: &str = "asks for another factor first";
const SET_UP: &str = "asks you to set up a second step first";
const BARRED: &str = "Your authenticator for it was switched off after too many wrong codes. Ask your practice admin.";

/// Whoever has come as far as an organization: at the end of a sign-in, or later from the menu.
fn chooser(visitor: &Visitor) -> Result<(Session, Access), AppError> {
    let elsewhere = |path: &str| AppError::SeeOther(path.into());
    let (session, access) = checked(visitor).ok_or_else(|| elsewhere("/login"))?;
    match session.stage {
        Stage::Organization | Stage::SetUp | Stage::SignedIn => Ok((session, access)),
        stage => Err(elsewhere(page_of(stage))),
    }
}

/// GET /login/organization.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let (session, access) = chooser(&visitor)?;
    let demands = demands(&visitor.app.core, &session, &access, &visitor.origin.address).await?;
    let switching = session.stage == Stage::SignedIn;
    let organizations = access
        .memberships
        .iter()
        .zip(demands)
        .map(|((membership, organization), demand)| OrganizationChoice {
            id: organization.id.clone(),
            name: organization.name.clone(),
            role: role_words(membership.role).into(),
            current: switching && session.organization_id.as_ref() == Some(&organization.id),
            note: match demand {
                Demand::SetUp | Demand::Password => Some(SET_UP.into()),
                Demand::OwnFactor => Some(OWN_FACTOR.into()),
                Demand::Nothing | Demand::Barred | Demand::Outside => None,
            },
            refusal: match demand {
                Demand::Barred => Some(BARRED.into()),
                Demand::Outside => Some(outside(&visitor.origin.address)),
                _ => None,
            },
        })
        .collect();
    page(&OrganizationPage { frame: visitor.frame(), organizations, switching })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    organization: String,
}

/// POST /login/organization.
pub async fn submit(visitor: Visitor, Form(form): Form<Picked>) -> Result<HttpResponse, AppError> {
    let (session, access) = chooser(&visitor)?;
    let (device, option) = (flow::device(&visitor), session.login_option);
    let core = &visitor.app.core;
    let entered = enter(core, &session, access, &form.organization, device.clone(), &visitor.origin).await?;
    match entered {
        Entered::NotThere => Err(AppError::NotFound),
        Entered::Passed(passed) => flow::go_on(&visitor, &passed, &device),
        Entered::WantsPassword => {
            visitor.flash(Said::PasswordFirst);
            Ok(see_other(&options::somebody_else(option, false, None)))
        }
        Entered::StepUp => Ok(see_other(page_of(Stage::StepUp))),
        // The page says why.
        Entered::Barred | Entered::Outside => Ok(see_other("/login/organization")),
    }
}
