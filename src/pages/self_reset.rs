//! Resetting one's own MFA: address, identity check, reset link, password. The links are traded for
//! cookies and clean URLs; opening one consumes nothing (ASVS 14.2.1).

pub mod finish;
pub mod identity;
pub mod progress;
pub mod request;
pub mod stop;

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::self_reset::{Given, View, of_link};
use crate::error::AppError;
use crate::identity::IdentityProvider;
use crate::models::SelfResetState;
use crate::web::cookies;
use crate::web::respond::page;
use crate::web::view::Frame;
use crate::web::visitor::Visitor;

/// Instead of a page of a request that does not go on.
#[derive(Template)]
#[template(path = "self_reset/over.html")]
pub struct OverPage {
    pub frame: Frame,
    pub title: &'static str,
    pub text: &'static str,
    /// Whether to ask again is the way on.
    pub again: bool,
    /// Whether the page of the request is.
    pub progress: bool,
}

/// The request this browser came to by its link.
async fn current(visitor: &Visitor) -> Result<Result<Box<View>, HttpResponse>, AppError> {
    let given = match visitor.cookie(cookies::SELF_RESET) {
        Some(token) => of_link(&visitor.app.core, &token).await?,
        None => Given::Unknown,
    };
    match given {
        Given::Live(view) => Ok(Ok(view)),
        Given::Over(view) => over(visitor, Some(view.state)).map(Err),
        Given::Unknown => over(visitor, None).map(Err),
    }
}

fn provider(visitor: &Visitor) -> Result<&dyn IdentityProvider, AppError> {
    visitor.app.identity.as_deref().ok_or(AppError::NotFound)
}

/// What became of a request; `None` where this browser knows none.
fn over(visitor: &Visitor, state: Option<SelfResetState>) -> Result<HttpResponse, AppError> {
    let (title, text, again) = match state {
        None => (
            "Open the link in your email",
            "This browser does not know your request. Open the link in our email here, or go on in the browser where you began.",
            true,
        ),
        Some(SelfResetState::Done) => {
            ("This reset is finished", "Your factors were removed. Sign in and set up a new one.", false)
        }
        Some(SelfResetState::Refused) => (
            "This reset was refused",
            "Whoever compared the names has refused it, and we have sent you an email about it. Your factors are unchanged.",
            true,
        ),
        Some(SelfResetState::Canceled) => (
            "This reset was canceled",
            "We have sent you an email that says why. Ask again if you still need it.",
            true,
        ),
        Some(_) => (
            "This link has expired",
            "This link has expired. Links work for 24 hours. Your factors are unchanged. Get a new link.",
            true,
        ),
    };
    page(&OverPage { frame: visitor.frame(), title, text, again, progress: false })
}
