//! **LOGIN** with a domain account: to the provider and back. The way there is a link on a page that
//! names the host, as for every other host; nothing is begun by a GET. ASVS 3.7.3, 7.6.2.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::flow;
use crate::domain::domain_account::{self, Arrived, Returned};
use crate::domain::times::Zone;
use crate::error::{AppError, outside};
use crate::identity::oidc::Oidc;
use crate::models::DomainState;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::guards::checked;
use crate::web::respond::{page, page_with, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::{Said, Visitor};
use crate::web::{cookies, return_to, session};

const LINK: &str = "/login/domain/link";

/// GET /login/domain, and every answer that is not a way on.
#[derive(Template, Default)]
#[template(path = "sign_in/domain.html")]
pub struct DomainPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// The domain's name.
    pub name: String,
    /// The provider's host, and where there; `None` where nothing is under way.
    pub away: Option<(String, String)>,
    /// It is somebody signed in who shows the account again.
    pub confirming: bool,
}

/// The provider; where there is none, the pages of domain accounts do not exist.
pub fn provider(visitor: &Visitor) -> Result<Arc<Oidc>, AppError> {
    visitor.app.oidc.clone().ok_or(AppError::NotFound)
}

/// The secret of this browser's sign-in.
pub fn token(visitor: &Visitor) -> Option<Secret<String>> {
    visitor.cookie(cookies::DOMAIN).filter(|v| v.len() == 43).map(Secret::new)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    return_to: Option<String>,
    /// Somebody signed in shows the account again.
    confirm: Option<String>,
}

/// POST /login/domain: **LOGIN**.
pub async fn begin(visitor: Visitor, Form(form): Form<Begin>) -> Result<HttpResponse, AppError> {
    let (core, oidc) = (&visitor.app.core, provider(&visitor)?);
    let present = visitor.session.as_ref().filter(|_| form.confirm.is_some());
    let return_to = form.return_to.and_then(|path| return_to::check(&path));
    match domain_account::begin(core, &oidc, present, return_to, &visitor.origin).await? {
        Ok(token) => {
            let life = crate::domain::limits::DOMAIN_SIGN_IN;
            visitor.set_cookie(cookies::DOMAIN, token.expose().clone(), Some(life + life));
            Ok(see_other("/login/domain"))
        }
        Err(until) => {
            let errors = flow::too_many_tries(&Zone::named("UTC"), until, core.clock.now());
            flow::too_many(&DomainPage { errors, ..blank(&visitor, &oidc) }, until, core.clock.now())
        }
    }
}

fn blank(visitor: &Visitor, oidc: &Oidc) -> DomainPage {
    DomainPage { frame: visitor.frame(), name: oidc.settings().name.clone(), ..DomainPage::default() }
}

/// GET /login/domain: the link to the provider.
pub async fn away(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let (core, oidc) = (&visitor.app.core, provider(&visitor)?);
    let Some(token) = token(&visitor) else { return Ok(see_other("/login")) };
    let Some(row) = domain_account::find(core, &oidc, &token).await? else { return Ok(start_over(&visitor)) };
    match row.state {
        DomainState::Begun => {}
        DomainState::Unproven => return Ok(see_other(LINK)),
        _ => return Ok(start_over(&visitor)),
    }
    match domain_account::away(core, &oidc, &row, &token).await {
        Ok(away) => {
            let confirming = row.session_id.is_some();
            page(&DomainPage { away: Some(away), confirming, ..blank(&visitor, &oidc) })
        }
        Err(error) => {
            tracing::warn!(%error, request_id = visitor.origin.request_id, "the domain's provider");
            visitor.flash(Said::DomainSilent);
            Ok(see_other("/login"))
        }
    }
}

/// What the provider sends people back with. RFC 6749 section 4.1.2, RFC 9207. Errors come without a code.
#[derive(Deserialize)]
pub struct Query {
    code: Option<Secret<String>>,
    state: Option<String>,
    iss: Option<String>,
}

/// GET /login/domain/return: good once, in the browser that began it.
pub async fn back(visitor: Visitor, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let (core, oidc) = (&visitor.app.core, provider(&visitor)?);
    let Some(token) = token(&visitor) else { return Ok(start_over(&visitor)) };
    let query = query.into_inner();
    let returned = Returned { code: query.code, state: query.state, issuer: query.iss };
    let (present, device) = (checked(&visitor), flow::device(&visitor));
    let arrived = domain_account::arrive(core, &oidc, &token, returned, present, &device, &visitor.origin).await?;
    go_on(&visitor, &oidc, arrived)
}

/// Where somebody goes on who has come back, or has shown that an account is theirs.
pub fn go_on(visitor: &Visitor, oidc: &Oidc, arrived: Arrived) -> Result<HttpResponse, AppError> {
    match arrived {
        Arrived::Unproven => return Ok(see_other(LINK)),
        // Another window's answer leaves this browser's sign-in as it is.
        Arrived::Stale => return Ok(start_over(visitor)),
        _ => visitor.remove_cookie(cookies::DOMAIN),
    }
    match arrived {
        Arrived::SecondStep(opened) => {
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other("/login/verify"))
        }
        Arrived::Passed(passed) => flow::go_on(visitor, &passed, &flow::device(visitor)),
        Arrived::Confirmed(opened, path) => {
            session::enter(&visitor.handle, &opened)?;
            visitor.flash(Said::DomainConfirmed);
            Ok(see_other(path.as_deref().unwrap_or("/security")))
        }
        Arrived::Silent => {
            visitor.flash(Said::DomainSilent);
            Ok(see_other("/login"))
        }
        Arrived::Outside => refused(visitor, oidc, FormErrors::one("", outside(&visitor.origin.address))),
        _ => refused(visitor, oidc, FormErrors::one("", REFUSED)),
    }
}

/// The same words for every reason.
const REFUSED: &str = "Your domain account did not open an account here. Try again; if it happens again, ask your \
                       practice admin whether you have an account.";

fn refused(visitor: &Visitor, oidc: &Oidc, errors: FormErrors) -> Result<HttpResponse, AppError> {
    page_with(StatusCode::FORBIDDEN, &DomainPage { errors, ..blank(visitor, oidc) })
}

/// Nothing is under way any more, or not here.
pub fn start_over(visitor: &Visitor) -> HttpResponse {
    visitor.flash(Said::DomainEnded);
    see_other("/login")
}
