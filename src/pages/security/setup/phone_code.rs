//! Set-up with a phone: the code from the text message proves the number.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{done, open};
use crate::domain::enrollment::phone::latest;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::security::phones::{self, NotSent, Verified};
use crate::error::AppError;
use crate::models::{CodeState, FactorKind};
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::enroll_phone::{TAKEN, WRONG, wait};
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::SetUp;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, PhoneChoice, ResendWait};

/// GET and POST /security/setup/phone/code: `code`. Nothing goes to /security/setup/phone/resend.
#[derive(Template, Default)]
#[template(path = "security/setup/phone_code.html")]
pub struct PhoneCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub demanded: Option<String>,
    pub phone: PhoneChoice,
    pub delivery: Delivery,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
}

/// GET /security/setup/phone/code.
pub async fn show(set_up: SetUp) -> Result<HttpResponse, AppError> {
    page(&blank(&set_up).await?.1)
}

/// The number the newest code went to, and the page as it stands.
async fn blank(set_up: &SetUp) -> Result<(String, PhoneCodePage), AppError> {
    open(set_up, FactorKind::Phone)?;
    let core = &set_up.visitor.app.core;
    let nothing_sent = || AppError::SeeOther("/security/setup/phone".into());
    let latest = latest(core, &phones::subject(&set_up.session)).await?;
    let (code, message) = latest.filter(|(c, _)| c.state != CodeState::Replaced).ok_or_else(nothing_sent)?;
    let number = code.destination.clone().ok_or_else(nothing_sent)?;
    let (zone, now) = (set_up.zone(), core.clock.now());
    let page = PhoneCodePage {
        frame: set_up.frame(),
        errors: FormErrors::default(),
        demanded: super::demanded(set_up),
        phone: PhoneChoice::new("", None, &number),
        delivery: flow::delivery(&code, &message, now),
        life: code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)),
        wait: wait(core, &set_up.session, &zone).await?,
    };
    Ok((number, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /security/setup/phone/code: **Verify Code**.
pub async fn submit(set_up: SetUp, FormHere(form): FormHere<Code>) -> Result<HttpResponse, AppError> {
    let (_, again) = blank(&set_up).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&PhoneCodePage { errors, ..again });
    }
    let (visitor, core) = (&set_up.visitor, &set_up.visitor.app.core);
    match phones::verify(core, &set_up.session, &set_up.access, &form.code, &visitor.origin).await? {
        Verified::Added(opened) => done(visitor, &opened),
        Verified::Taken => page(&PhoneCodePage { errors: FormErrors::one("", TAKEN), ..again }),
        Verified::Wrong => page(&PhoneCodePage { errors: FormErrors::one("code", WRONG), ..again }),
        Verified::TooMany { until } => {
            let errors = flow::paused(&set_up.zone(), until, core.clock.now());
            flow::too_many(&PhoneCodePage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// POST /security/setup/phone/resend: **send a new code**, to the same number.
pub async fn resend(set_up: SetUp, _: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    let (number, again) = blank(&set_up).await?;
    let core = &set_up.visitor.app.core;
    match phones::send(core, &set_up.session, &set_up.access, (number, false), &set_up.visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/security/setup/phone/code"))
        }
        Err(NotSent::Taken) => page(&PhoneCodePage { errors: FormErrors::one("", TAKEN), ..again }),
        Err(NotSent::Refused(refused)) => {
            let errors = flow::not_sent(refused, &set_up.zone(), core.clock.now());
            flow::refused(&PhoneCodePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
