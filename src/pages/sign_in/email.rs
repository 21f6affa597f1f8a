//! Second step by e-mail: send, enter, continue, all under one URL.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, verify};
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::second_step::{Judged, codes};
use crate::domain::sign_in;
use crate::error::AppError;
use crate::models::{Channel, FactorKind, Stage};
use crate::outbox::worker::wait_for_hand_over;
use crate::web::form::{Form, Nothing};
use crate::web::guards::PendingSignIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, ResendWait};
use crate::web::visitor::Said;

/// GET /login/verify/email. The fixed `email` or nothing is posted to /login/verify/email (send),
/// nothing to /login/verify/email/continue; `code` goes to /login/verify/email/code.
#[derive(Template, Default)]
#[template(path = "sign_in/email.html")]
pub struct EmailPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    /// In full: it is the one just typed.
    pub email: String,
    /// `None` before the first code was asked for.
    pub delivery: Option<Delivery>,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
    /// The code was right; **Continue** is all that is left.
    pub verified: bool,
}

const WRONG: &str = "That code is not right. Check the newest email and try again.";

/// GET /login/verify/email.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    if pending.session.stage == Stage::EmailVerified {
        // What was shown counts, whatever became of the factor since.
        let frame = pending.visitor.frame();
        return page(&EmailPage { frame, verified: true, ..EmailPage::default() });
    }
    verify::due(&pending, Stage::SecondStep)?;
    page(&blank(&pending).await?.1)
}

/// The id of the e-mail factor, and the page as it stands.
async fn blank(pending: &PendingSignIn) -> Result<(String, EmailPage), AppError> {
    let core = &pending.visitor.app.core;
    let ways = verify::ways(pending).await?;
    let Some(factor) = ways.of(FactorKind::Email).next() else {
        return Err(AppError::SeeOther("/login/verify/other".into()));
    };
    let latest = codes::latest(core, &pending.session.id, Channel::Email).await?;
    let (zone, now) = (pending.zone(), core.clock.now());
    let life = latest
        .as_ref()
        .and_then(|(code, _)| code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)));
    let page = EmailPage {
        frame: pending.visitor.frame(),
        errors: FormErrors::default(),
        asked_by: flow::asked_by(pending, &ways),
        email: factor.email.clone().unwrap_or_else(|| pending.access.user.email.clone()),
        delivery: latest.map(|(code, message)| flow::delivery(&code, &message, now)),
        life,
        wait: flow::wait(&pending.session, Channel::Email, &zone, now),
        verified: false,
    };
    Ok((factor.id.clone(), page))
}

/// The form shows the address in a fixed field, which browsers post with it. What it says is of no
/// account: codes go to the address on record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    #[serde(rename = "email")]
    _email: Option<String>,
}

/// POST /login/verify/email: **Send verification code**, **Send new code**.
pub async fn send(pending: PendingSignIn, _: Form<Send>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let (factor, again) = blank(&pending).await?;
    let zone = pending.zone();
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    match codes::send(core, &session, access, &factor, &visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/login/verify/email"))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &zone, core.clock.now());
            flow::refused(&EmailPage { errors, ..again }, refused, core.clock.now())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /login/verify/email/code: the session stays half-made until **Continue**.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let (_, again) = blank(&pending).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&EmailPage { errors, ..again });
    }
    let (zone, device) = (pending.zone(), flow::device(&pending.visitor));
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    let typed = (Channel::Email, form.code.as_str());
    match codes::verify(core, &session, access, typed, device, &visitor.origin).await? {
        Judged::Right(_) => Ok(see_other("/login/verify/email")),
        Judged::Wrong | Judged::ClockOff { .. } => page(&EmailPage { errors: FormErrors::one("code", WRONG), ..again }),
        Judged::Over => Ok(flow::start_over(&visitor, Said::TriesUsedUp)),
        Judged::Paused { until } | Judged::AddressLimit { until } => {
            let errors = flow::paused(&zone, until, core.clock.now());
            flow::too_many(&EmailPage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// POST /login/verify/email/continue.
pub async fn go_on(pending: PendingSignIn, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::EmailVerified)?;
    let device = flow::device(&pending.visitor);
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    let passed = sign_in::go_on_after_email(core, &session, access, device.clone(), &visitor.origin).await?;
    match passed {
        Some(passed) => flow::go_on(&visitor, &passed, &device),
        None => Err(AppError::SeeOther("/login/verify".into())),
    }
}
