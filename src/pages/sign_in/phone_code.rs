//! Second step by phone: the code from the text message.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, phone, verify};
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::second_step::Judged;
use crate::domain::second_step::codes::{self, Right};
use crate::error::AppError;
use crate::models::{Channel, FactorKind, Stage};
use crate::outbox::worker::wait_for_hand_over;
use crate::web::form::Form;
use crate::web::guards::PendingSignIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, PhoneChoice, ResendWait};
use crate::web::visitor::Said;

/// GET and POST /login/verify/phone/code: `code`. Its second form posts `factor` to
/// /login/verify/phone/resend.
#[derive(Template, Default)]
#[template(path = "sign_in/phone_code.html")]
pub struct PhoneCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    pub phone: PhoneChoice,
    pub delivery: Delivery,
    /// Known once the message was handed over.
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
}

const WRONG: &str = "That code is not right. Check the newest text message and try again.";

/// GET /login/verify/phone/code.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    page(&blank(&pending).await?)
}

async fn blank(pending: &PendingSignIn) -> Result<PhoneCodePage, AppError> {
    let core = &pending.visitor.app.core;
    let nothing_sent = || AppError::SeeOther("/login/verify/phone".into());
    let (code, message) = codes::latest(core, &pending.session.id, Channel::Sms).await?.ok_or_else(nothing_sent)?;
    let ways = verify::ways(pending).await?;
    let phone = ways.of(FactorKind::Phone).find(|f| Some(&f.id) == code.factor_id.as_ref());
    let (zone, now) = (pending.zone(), core.clock.now());
    Ok(PhoneCodePage {
        frame: pending.visitor.frame(),
        errors: FormErrors::default(),
        asked_by: flow::asked_by(pending, &ways),
        phone: phone.and_then(phone::choice).ok_or_else(nothing_sent)?,
        delivery: flow::delivery(&code, &message, now),
        life: code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)),
        wait: flow::wait(&pending.session, Channel::Sms, &zone, now),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /login/verify/phone/code.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let again = blank(&pending).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&PhoneCodePage { errors, ..again });
    }
    let device = flow::device(&pending.visitor);
    let zone = pending.zone();
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    let typed = (Channel::Sms, form.code.as_str());
    match codes::verify(core, &session, access, typed, device.clone(), &visitor.origin).await? {
        Judged::Right(Right::Passed(passed)) => flow::go_on(&visitor, &passed, &device),
        Judged::Right(Right::Continue) => Ok(see_other("/login/verify/email")),
        Judged::Wrong | Judged::ClockOff { .. } => {
            page(&PhoneCodePage { errors: FormErrors::one("code", WRONG), ..again })
        }
        Judged::Over => Ok(flow::start_over(&visitor, Said::TriesUsedUp)),
        Judged::Paused { until } | Judged::AddressLimit { until } => {
            let errors = flow::paused(&zone, until, core.clock.now());
            flow::too_many(&PhoneCodePage { errors, ..again }, until, core.clock.now())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    factor: Option<String>,
}

/// POST /login/verify/phone/resend: **send a new code**, to the same number.
pub async fn resend(pending: PendingSignIn, Form(form): Form<Resend>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let again = blank(&pending).await?;
    let factor = form.factor.unwrap_or_else(|| again.phone.id.clone());
    let zone = pending.zone();
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    match codes::send(core, &session, access, &factor, &visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/login/verify/phone/code"))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &zone, core.clock.now());
            flow::refused(&PhoneCodePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
