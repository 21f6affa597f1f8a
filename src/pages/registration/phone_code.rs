//! The code from the text message proves the number.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use super::phone::{self, Ways};
use crate::domain::access::page_of;
use crate::domain::enrollment::phone::latest;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::registration::phone as domain;
use crate::domain::verification::Checked;
use crate::error::AppError;
use crate::models::{CodeState, FactorKind};
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::registering::Enrolling;
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, PhoneChoice, ResendWait};

/// GET and POST /register/phone/code: `code`. Nothing goes to /register/phone/resend.
#[derive(Template, Default)]
#[template(path = "registration/phone_code.html")]
pub struct PhoneCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub phone: PhoneChoice,
    pub delivery: Delivery,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
    pub ways: Ways,
}

const WRONG: &str = "That code is not right. Check the newest text message and try again.";

/// GET /register/phone/code.
pub async fn show(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    page(&blank(&enrolling).await?.1)
}

/// The number the newest code went to, and the page as it stands.
async fn blank(enrolling: &Enrolling) -> Result<(String, PhoneCodePage), AppError> {
    let core = &enrolling.visitor.app.core;
    let nothing_sent = || AppError::SeeOther("/register/phone".into());
    let latest = latest(core, &domain::subject(&enrolling.session)).await?;
    let (code, message) = latest.filter(|(c, _)| c.state != CodeState::Replaced).ok_or_else(nothing_sent)?;
    let number = code.destination.clone().ok_or_else(nothing_sent)?;
    let (zone, now) = (enrolling.access.zone(&enrolling.session), core.clock.now());
    let page = PhoneCodePage {
        frame: enrolling.visitor.frame(),
        errors: FormErrors::default(),
        steps: Steps::at(Steps::FACTOR, Some(FactorKind::Phone)),
        phone: PhoneChoice::new("", None, &number),
        delivery: flow::delivery(&code, &message, now),
        life: code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)),
        wait: phone::wait(enrolling).await?,
        ways: Ways::besides(enrolling, FactorKind::Phone),
    };
    Ok((number, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /register/phone/code: **Verify Code**.
pub async fn submit(enrolling: Enrolling, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    let (_, again) = blank(&enrolling).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&PhoneCodePage { errors, ..again });
    }
    let Enrolling { visitor, session, access } = enrolling;
    let core = &visitor.app.core;
    match domain::verify(core, &session, &access, form.code, &visitor.origin).await? {
        Ok(opened) => {
            session::enter(&visitor.handle, &opened)?;
            Ok(see_other(page_of(opened.session.stage)))
        }
        Err(Checked::TooMany { until }) => {
            let errors = flow::paused(&access.zone(&session), until, core.clock.now());
            flow::too_many(&PhoneCodePage { errors, ..again }, until, core.clock.now())
        }
        Err(_) => page(&PhoneCodePage { errors: FormErrors::one("code", WRONG), ..again }),
    }
}

/// POST /register/phone/resend: **send a new code**, to the same number.
pub async fn resend(enrolling: Enrolling, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let (number, again) = blank(&enrolling).await?;
    let Enrolling { visitor, session, access } = enrolling;
    let (core, zone) = (&visitor.app.core, access.zone(&session));
    match domain::send(core, &session, &access, number, &visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/register/phone/code"))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &zone, core.clock.now());
            flow::refused(&PhoneCodePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
