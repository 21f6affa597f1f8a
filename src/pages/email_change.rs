//! Confirming an address that an administrator proposed. Opening the link consumes nothing: mail
//! scanners open it too.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::people::email;
use crate::error::AppError;
use crate::web::cookies;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::{Said, Visitor};

/// GET and POST /email-change.
#[derive(Template, Default)]
#[template(path = "email_change.html")]
pub struct EmailChangePage {
    pub frame: Frame,
    /// Address and name; nothing for a link that is over.
    pub waiting: Option<(String, String)>,
}

/// GET /email-change/{token}: trades it for a cookie and a clean URL (ASVS 14.2.1).
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    if email::open(&visitor.app.core, &token).await?.is_some() {
        visitor.set_cookie(cookies::EMAIL_CHANGE, token.into_inner(), None);
    }
    Ok(see_other("/email-change"))
}

/// GET /email-change.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let waiting = match visitor.cookie(cookies::EMAIL_CHANGE) {
        Some(token) => email::open(&visitor.app.core, &token).await?,
        None => None,
    };
    page(&EmailChangePage { frame: visitor.frame(), waiting: waiting.map(|w| (w.email, w.name)) })
}

/// POST /email-change.
pub async fn confirm(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let token = visitor.cookie(cookies::EMAIL_CHANGE).unwrap_or_default();
    visitor.remove_cookie(cookies::EMAIL_CHANGE);
    if email::confirm(&visitor.app.core, &token, &visitor.origin).await? {
        visitor.flash(Said::EmailConfirmed);
        return Ok(see_other("/login"));
    }
    page(&EmailChangePage { frame: visitor.frame(), waiting: None })
}
