//! Signed out, and what this browser still remembers.

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::{remember_me, sessions};
use crate::error::AppError;
use crate::models::LoginOption;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::{Said, Visitor};
use crate::web::{session, tickets};

/// GET /signed-out. **Forget this browser** posts to /forget-browser.
#[derive(Template, Default)]
#[template(path = "sign_in/signed_out.html")]
pub struct SignedOutPage {
    pub frame: Frame,
    pub remembered: Vec<Remembered>,
}

/// One entry of Remember Me.
#[derive(Clone, Debug)]
pub struct Remembered {
    pub person: String,
    /// "Login with Phone" or "Login with Email".
    pub option: String,
    /// The clock time of the end.
    pub until: String,
}

/// GET /signed-out.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let remembered = remembered(&visitor).await?;
    page(&SignedOutPage { frame: visitor.frame(), remembered })
}

/// What this browser remembers, for a page.
pub async fn remembered(visitor: &Visitor) -> Result<Vec<Remembered>, AppError> {
    let people = remember_me::people(&visitor.app.core, &tickets::read(visitor)).await?;
    let line = |person: remember_me::Person| Remembered {
        person: person.access.user.full_name(),
        option: match person.entry.login_option {
            LoginOption::Phone => "Login with Phone".into(),
            LoginOption::Email => "Login with Email".into(),
        },
        until: person.access.zone_of_managing().clock_time(person.entry.expires_at),
    };
    Ok(people.into_iter().map(line).collect())
}

/// POST /sign-out: the session ends, what is remembered stays. ASVS 7.4.4, 14.3.1.
pub async fn sign_out(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    if let Some(session) = &visitor.session {
        sessions::sign_out(&visitor.app.core, session, &visitor.origin).await?;
    }
    session::leave(&visitor.handle);
    let mut response = see_other("/signed-out");
    let clear = actix_web::http::header::HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert(actix_web::http::header::CLEAR_SITE_DATA, clear);
    Ok(response)
}

/// POST /forget-browser: nobody is remembered here any more.
pub async fn forget(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let kept = tickets::read(&visitor);
    remember_me::forget(&visitor.app.core, kept, None, &visitor.origin).await?;
    tickets::write(&visitor, &[]);
    visitor.flash(Said::BrowserForgotten);
    Ok(see_other(if visitor.session.is_some() { "/security/sessions" } else { "/login" }))
}
