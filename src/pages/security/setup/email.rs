//! Set-up with codes by e-mail: the sign-in address is verified first.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Way, done, open};
use crate::domain::enrollment::phone::latest;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::security::email_code::{self as domain, Verified};
use crate::domain::verification;
use crate::error::AppError;
use crate::models::{Channel, CodeState, FactorKind};
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::security::email_code::WRONG;
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::SetUp;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, ResendWait};

/// GET and POST /security/setup/email (send); `code` goes to /security/setup/email/code.
#[derive(Template, Default)]
#[template(path = "security/setup/email.html")]
pub struct EmailPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub demanded: Option<String>,
    pub ways: Vec<Way>,
    pub email: String,
    /// `None` before anything was sent.
    pub delivery: Option<Delivery>,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
}

const PATH: &str = "/security/setup/email";

/// GET /security/setup/email.
pub async fn show(set_up: SetUp) -> Result<HttpResponse, AppError> {
    page(&blank(&set_up).await?)
}

async fn blank(set_up: &SetUp) -> Result<EmailPage, AppError> {
    open(set_up, FactorKind::Email)?;
    let core = &set_up.visitor.app.core;
    let (subject, zone, now) = (domain::subject(&set_up.session), set_up.zone(), core.clock.now());
    let waits = |state| matches!(state, CodeState::Live | CodeState::Dead);
    let latest = latest(core, &subject).await?.filter(|(code, _)| waits(code.state));
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Email, now)).await?;
    let life = latest
        .as_ref()
        .and_then(|(code, _)| code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)));
    Ok(EmailPage {
        frame: set_up.frame(),
        demanded: super::demanded(set_up),
        ways: super::ways(set_up, FactorKind::Email),
        email: set_up.access.user.email.clone(),
        delivery: latest.map(|(code, message)| flow::delivery(&code, &message, now)),
        life,
        wait: flow::wait_until(next, &zone, now),
        ..EmailPage::default()
    })
}

/// POST /security/setup/email: **Send verification code**, **Send new code**.
pub async fn send(set_up: SetUp, _: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    let again = blank(&set_up).await?;
    let core = &set_up.visitor.app.core;
    match domain::send(core, &set_up.session, &set_up.access, &set_up.visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other(PATH))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &set_up.zone(), core.clock.now());
            flow::refused(&EmailPage { errors, ..again }, refused, core.clock.now())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /security/setup/email/code: **Verify code**.
pub async fn verify(set_up: SetUp, FormHere(form): FormHere<Code>) -> Result<HttpResponse, AppError> {
    let again = blank(&set_up).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&EmailPage { errors, ..again });
    }
    let (visitor, core) = (&set_up.visitor, &set_up.visitor.app.core);
    match domain::verify(core, &set_up.session, &set_up.access, &form.code, &visitor.origin).await? {
        Verified::Added(opened) => done(visitor, &opened),
        Verified::Gone => Ok(see_other(PATH)),
        Verified::Wrong => page(&EmailPage { errors: FormErrors::one("code", WRONG), ..again }),
        Verified::TooMany { until } => {
            let errors = flow::paused(&set_up.zone(), until, core.clock.now());
            flow::too_many(&EmailPage { errors, ..again }, until, core.clock.now())
        }
    }
}
