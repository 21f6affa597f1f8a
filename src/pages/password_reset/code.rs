//! The code from the mailbox, and **Continue**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{current, refused};
use crate::domain::limits::EMAIL_CODE_SECONDS;
use crate::domain::password_reset::{self, Checked, Next};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::ResetState;
use crate::models::password_resets::PasswordReset;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, ResendWait};
use crate::web::visitor::{Said, Visitor};
use crate::web::{cookies, session};

/// GET and POST /forgot-password/code: `code`. Nothing but the token is posted to
/// /forgot-password/resend, /forgot-password/continue and /forgot-password/cancel.
#[derive(Template, Default)]
#[template(path = "password_reset/code.html")]
pub struct CodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// In full: it is the one just typed.
    pub email: String,
    /// How long a code works; when one was sent is not told, for it would tell whether.
    pub minutes: i64,
    pub wait: ResendWait,
    /// The code was right; **Continue** is all that is left.
    pub verified: bool,
}

const WRONG: &str = "That code is not right. Check the newest email and try again.";

/// GET /forgot-password/code.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let (reset, wait) = current(&visitor).await?;
    page(&blank(&visitor, &reset, wait))
}

fn blank(visitor: &Visitor, reset: &PasswordReset, wait: ResendWait) -> CodePage {
    CodePage {
        frame: visitor.frame(),
        errors: FormErrors::default(),
        email: reset.email.clone(),
        minutes: EMAIL_CODE_SECONDS / 60,
        wait,
        verified: reset.state == ResetState::Verified,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /forgot-password/code: **Verify code**.
pub async fn submit(visitor: Visitor, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    let (reset, wait) = current(&visitor).await?;
    let again = blank(&visitor, &reset, wait);
    if again.verified {
        return Ok(see_other("/forgot-password/code"));
    }
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&CodePage { errors, ..again });
    }
    let core = &visitor.app.core;
    match password_reset::check(core, &reset, &form.code, &visitor.origin).await? {
        Checked::Right => Ok(see_other("/forgot-password/code")),
        Checked::Wrong => page(&CodePage { errors: FormErrors::one("code", WRONG), ..again }),
        Checked::Over => Ok(start_over(&visitor, Said::ResetTriesUsedUp, "/forgot-password")),
        Checked::AddressLimit { until } => {
            let errors = flow::paused(&Zone::named("UTC"), until, core.clock.now());
            flow::too_many(&CodePage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// POST /forgot-password/resend: **Send new code**.
pub async fn resend(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let (reset, wait) = current(&visitor).await?;
    let core = &visitor.app.core;
    match password_reset::resend(core, &reset, &flow::device(&visitor), &visitor.origin).await? {
        Ok(()) => Ok(see_other("/forgot-password/code")),
        Err(why) => {
            let (errors, why) = refused(&visitor, why);
            flow::refused(&CodePage { errors, ..blank(&visitor, &reset, wait) }, why, core.clock.now())
        }
    }
}

/// POST /forgot-password/continue: a session for the rest of the way.
pub async fn go_on(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let (reset, _) = current(&visitor).await?;
    if reset.state != ResetState::Verified {
        return Ok(see_other("/forgot-password/code"));
    }
    match password_reset::go_on(&visitor.app.core, &reset, &visitor.origin).await? {
        Next::Session(opened) => {
            visitor.remove_cookie(cookies::RESET);
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other(crate::domain::access::page_of(opened.session.stage)))
        }
        Next::HeldUp => Ok(start_over(&visitor, Said::ResetHeldUp, "/login")),
        Next::Gone => Ok(start_over(&visitor, Said::ResetEnded, "/forgot-password")),
    }
}

/// POST /forgot-password/cancel.
pub async fn cancel(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let (reset, _) = current(&visitor).await?;
    password_reset::cancel(&visitor.app.core, &reset, &visitor.origin).await?;
    Ok(start_over(&visitor, Said::ResetCanceled, "/login"))
}

fn start_over(visitor: &Visitor, said: Said, path: &str) -> HttpResponse {
    visitor.remove_cookie(cookies::RESET);
    visitor.flash(said);
    see_other(path)
}
