//! **This wasn't me**: the link in each e-mail leads to a page; only its button stops anything, because
//! mail scanners open links too.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::limits::SELF_RESET_LINK;
use crate::domain::self_reset::{self, Ended, Given, of_stop};
use crate::error::AppError;
use crate::models::SelfResetState;
use crate::web::cookies;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::Visitor;

/// GET and POST /mfa/reset/stop.
#[derive(Template, Default)]
#[template(path = "self_reset/stop.html")]
pub struct StopPage {
    pub frame: Frame,
    pub stands: Stands,
}

/// What there is to stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stands {
    /// Nothing that this browser knows of.
    #[default]
    Unknown,
    Live,
    /// It was stopped just now.
    Stopped,
    /// It was finished before: the factors are gone, and the account can be locked.
    Done,
    /// The same, and this link locks nothing any more.
    DoneLongAgo,
    /// It was locked just now.
    Locked,
    /// It has ended, and changed nothing.
    Ended,
}

/// GET /mfa/reset/stop/{token}: trades it for a cookie and a clean URL.
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    if matches!(of_stop(&visitor.app.core, &token).await?, Given::Unknown) {
        return page(&StopPage { frame: visitor.frame(), ..StopPage::default() });
    }
    visitor.set_cookie(cookies::SELF_RESET_STOP, token.into_inner(), Some(SELF_RESET_LINK));
    Ok(see_other("/mfa/reset/stop"))
}

/// GET /mfa/reset/stop.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let token = visitor.cookie(cookies::SELF_RESET_STOP).unwrap_or_default();
    let stands = match of_stop(&visitor.app.core, &token).await? {
        Given::Live(_) => Stands::Live,
        Given::Over(view) if view.state == SelfResetState::Done && view.link_is_good => Stands::Done,
        Given::Over(view) if view.state == SelfResetState::Done => Stands::DoneLongAgo,
        Given::Over(_) => Stands::Ended,
        Given::Unknown => Stands::Unknown,
    };
    page(&StopPage { frame: visitor.frame(), stands })
}

/// POST /mfa/reset/stop: **This wasn't me, stop it**, or where it is too late **lock my account**.
pub async fn submit(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let token = visitor.cookie(cookies::SELF_RESET_STOP).unwrap_or_default();
    match self_reset::stop(&visitor.app.core, &token, &visitor.origin).await? {
        Ended::Now => over(&visitor, Stands::Stopped),
        Ended::Locked => over(&visitor, Stands::Locked),
        Ended::Before => Ok(see_other("/mfa/reset/stop")),
    }
}

fn over(visitor: &Visitor, stands: Stands) -> Result<HttpResponse, AppError> {
    visitor.remove_cookie(cookies::SELF_RESET_STOP);
    page(&StopPage { frame: visitor.frame(), stands })
}
