//! Turning codes by e-mail on: the sign-in address is verified first.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Counts, HERE, done};
use crate::domain::enrollment::phone::latest;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::security::email_code::{self as domain, Verified};
use crate::domain::verification;
use crate::error::AppError;
use crate::models::{Channel, CodeState, FactorKind};
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, Here, ResendWait};
use crate::web::visitor::Said;

/// GET and POST /security/email-code (send); `code` goes to /security/email-code/verify.
#[derive(Template, Default)]
#[template(path = "security/email_code.html")]
pub struct EmailCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub email: String,
    /// `None` before anything was sent.
    pub delivery: Option<Delivery>,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
    pub counts: Counts,
}

const PATH: &str = "/security/email-code";
pub const WRONG: &str = "That code is not right. Check the newest email and try again.";

/// GET /security/email-code.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&blank(&user).await?)
}

async fn blank(user: &Fresh) -> Result<EmailCodePage, AppError> {
    let core = &user.visitor.app.core;
    if domain::is_on(core, &user.access.user.id).await? {
        return Err(AppError::SeeOther(HERE.into()));
    }
    let (subject, zone, now) = (domain::subject(&user.session), user.zone(), core.clock.now());
    let open = |state| matches!(state, CodeState::Live | CodeState::Dead);
    let latest = latest(core, &subject).await?.filter(|(code, _)| open(code.state));
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Email, now)).await?;
    let life = latest
        .as_ref()
        .and_then(|(code, _)| code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now)));
    Ok(EmailCodePage {
        frame: user.frame(Here::Security),
        email: user.access.user.email.clone(),
        delivery: latest.map(|(code, message)| flow::delivery(&code, &message, now)),
        life,
        wait: flow::wait_until(next, &zone, now),
        counts: Counts { only: None, ..Counts::of(user, FactorKind::Email) },
        ..EmailCodePage::default()
    })
}

/// POST /security/email-code: **Send verification code**, **Send new code**.
pub async fn send(user: Fresh, _: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    let again = blank(&user).await?;
    let core = &user.visitor.app.core;
    match domain::send(core, &user.session, &user.access, &user.visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other(PATH))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &user.zone(), core.clock.now());
            flow::refused(&EmailCodePage { errors, ..again }, refused, core.clock.now())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: String,
}

/// POST /security/email-code/verify: **Verify code**.
pub async fn verify(user: Fresh, FormHere(form): FormHere<Code>) -> Result<HttpResponse, AppError> {
    let again = blank(&user).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&EmailCodePage { errors, ..again });
    }
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    match domain::verify(core, &user.session, &user.access, &form.code, &visitor.origin).await? {
        Verified::Added(opened) => done(visitor, &opened, Said::EmailCodeOn),
        Verified::Gone => Ok(see_other(PATH)),
        Verified::Wrong => page(&EmailCodePage { errors: FormErrors::one("code", WRONG), ..again }),
        Verified::TooMany { until } => {
            let errors = flow::paused(&user.zone(), until, core.clock.now());
            flow::too_many(&EmailCodePage { errors, ..again }, until, core.clock.now())
        }
    }
}
