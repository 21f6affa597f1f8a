//! The link from the e-mail. Opening it consumes nothing: mail scanners open it too.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::registration::{road, start};
use crate::error::AppError;
use crate::web::cookies;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::Visitor;

/// GET /register/continue/{token}, when it is over. **Get a new link** posts to the same with /new.
#[derive(Template)]
#[template(path = "registration/expired.html")]
pub struct ExpiredPage {
    pub frame: Frame,
    pub token: String,
    /// A new link was asked for; the same words whether one was sent.
    pub sent: bool,
}

/// GET /register/continue/{token}: trades it for a cookie and a clean URL (ASVS 14.2.1).
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    let Some((kept, road)) = road::open(&visitor.app.core, &token).await? else {
        return expired(&visitor, token.into_inner(), false);
    };
    visitor.set_cookie(cookies::REGISTRATION, kept.expose().clone(), None);
    Ok(see_other(if road.renames() { "/register/username" } else { "/register/method" }))
}

/// POST /register/continue/{token}/new.
pub async fn renew(visitor: Visitor, token: web::Path<String>, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    start::renew(&visitor.app.core, &token, &visitor.origin).await?;
    expired(&visitor, token.into_inner(), true)
}

fn expired(visitor: &Visitor, token: String, sent: bool) -> Result<HttpResponse, AppError> {
    // What is no token of ours does not go back into a page.
    let ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let token = if token.chars().all(ours) { token } else { "unknown".into() };
    page(&ExpiredPage { frame: visitor.frame(), token, sent })
}
