//! To the identity provider and back. The way there is a link on a page that names the host: a form
//! could not lead away under our policy, and nobody should be taken by surprise. ASVS 3.7.3.

use actix_web::HttpResponse;
use askama::Template;

use super::{current, provider};
use crate::domain::self_reset::{self, Started, Where};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::{Said, Visitor};

const PROGRESS: &str = "/mfa/reset/progress";

/// GET and POST /mfa/reset/identity.
#[derive(Template, Default)]
#[template(path = "self_reset/identity.html")]
pub struct IdentityPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// The provider's host, and where there; `None` where nothing can be begun now.
    pub away: Option<(String, String)>,
}

/// GET /mfa/reset/identity.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let view = match current(&visitor).await? {
        Ok(view) => view,
        Err(over) => return Ok(over),
    };
    match self_reset::url(provider(&visitor)?, view.check.as_ref()).await {
        Where::Leave { host, url } => {
            page(&IdentityPage { frame: visitor.frame(), away: Some((host, url)), ..IdentityPage::default() })
        }
        Where::Nothing => Ok(see_other(PROGRESS)),
        Where::Unreachable => {
            visitor.flash(Said::ProviderSilent);
            Ok(see_other(PROGRESS))
        }
    }
}

/// POST /mfa/reset/identity: **Start identity check**.
pub async fn start(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let view = match current(&visitor).await? {
        Ok(view) => view,
        Err(over) => return Ok(over),
    };
    let core = &visitor.app.core;
    match self_reset::start(core, provider(&visitor)?, &view.request.id, &visitor.origin).await? {
        Started::Go => Ok(see_other("/mfa/reset/identity")),
        Started::NotDue => Ok(see_other(PROGRESS)),
        Started::Unreachable => {
            visitor.flash(Said::ProviderSilent);
            Ok(see_other(PROGRESS))
        }
        Started::TooMany { until } => {
            let at = view.zone.day_and_time(until, core.clock.now());
            let text = format!("That were enough identity checks for one day. You can begin another one at {at}.");
            let errors = FormErrors::one("", text);
            let again = IdentityPage { frame: visitor.frame(), errors, away: None };
            flow::too_many(&again, until, core.clock.now())
        }
    }
}

/// GET /mfa/reset/return: back from the provider, whose word is not taken from the URL.
pub async fn back(_: Visitor) -> HttpResponse {
    see_other(PROGRESS)
}
