//! The code from the text message proves the new number.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::done;
use crate::domain::enrollment::phone::latest;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::security::phones::{self, NotSent, Verified};
use crate::error::AppError;
use crate::models::CodeState;
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::enroll_phone::{TAKEN, WRONG, wait};
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, Here, PhoneChoice, ResendWait};
use crate::web::visitor::Said;

/// GET and POST /security/phones/new/code: `code`. Nothing goes to /security/phones/new/resend.
#[derive(Template, Default)]
#[template(path = "security/phone_code.html")]
pub struct PhoneCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub phone: PhoneChoice,
    pub delivery: Delivery,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
}

/// GET /security/phones/new/code.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&blank(&user).await?.1)
}

/// The number the newest code went to, and the page as it stands.
async fn blank(user: &Fresh) -> Result<(String, PhoneCodePage), AppError> {
    let core = &user.visitor.app.core;
    let nothing_sent = || AppError::SeeOther("/security/phones/new".into());
    let latest = latest(core, &phones::subject(&user.session)).await?;
    let (code, message) = latest.filter(|(c, _)| c.state != CodeState::Replaced).ok_or_else(nothing_sent)?;
    let number = code.destination.clone().ok_or_else(nothing_sent)?;
    let (zone, now) = (user.zone(), core.clock.now());
    let page = PhoneCodePage {
        frame: user.frame(Here::Security),
        errors: FormErrors::default(),
        phone: PhoneChoice::new("", None, &number),
        delivery: flow::delivery(&code, &message, now),
        life: code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)),
        wait: wait(core, &user.session, &zone).await?,
    };
    Ok((number, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /security/phones/new/code: **Verify Code**.
pub async fn submit(user: Fresh, FormHere(form): FormHere<Code>) -> Result<HttpResponse, AppError> {
    let (_, again) = blank(&user).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&PhoneCodePage { errors, ..again });
    }
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    match phones::verify(core, &user.session, &user.access, &form.code, &visitor.origin).await? {
        Verified::Added(opened) => done(visitor, &opened, Said::PhoneAdded),
        Verified::Taken => page(&PhoneCodePage { errors: FormErrors::one("", TAKEN), ..again }),
        Verified::Wrong => page(&PhoneCodePage { errors: FormErrors::one("code", WRONG), ..again }),
        Verified::TooMany { until } => {
            let errors = flow::paused(&user.zone(), until, core.clock.now());
            flow::too_many(&PhoneCodePage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// POST /security/phones/new/resend: **send a new code**, to the same number.
pub async fn resend(user: Fresh, _: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    let (number, again) = blank(&user).await?;
    let core = &user.visitor.app.core;
    match phones::send(core, &user.session, &user.access, (number, false), &user.visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/security/phones/new/code"))
        }
        Err(NotSent::Taken) => page(&PhoneCodePage { errors: FormErrors::one("", TAKEN), ..again }),
        Err(NotSent::Refused(refused)) => {
            let errors = flow::not_sent(refused, &user.zone(), core.clock.now());
            flow::refused(&PhoneCodePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
