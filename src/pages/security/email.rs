//! Another e-mail address to sign in with. The page is the same whether the address is free or
//! somebody else's.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::done;
use super::email_code::{Code, WRONG};
use crate::domain::addresses;
use crate::domain::limits::EMAIL_CODE_SECONDS;
use crate::domain::security::email::{self as domain, Changed};
use crate::domain::verification;
use crate::error::AppError;
use crate::models::Channel;
use crate::models::users::fold;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here, ResendWait};
use crate::web::visitor::Said;

/// GET and POST /security/email: `email`. `code` goes to /security/email/verify, nothing to
/// /security/email/change.
#[derive(Template, Default)]
#[template(path = "security/email.html")]
pub struct EmailPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub current: String,
    /// What was typed, or where a code went.
    pub email: String,
    /// A code was asked for.
    pub sent: bool,
    /// How long a code works; when one was sent is not told, for it would tell whether.
    pub minutes: i64,
    pub wait: ResendWait,
}

const PATH: &str = "/security/email";

/// GET /security/email.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&blank(&user).await?)
}

async fn blank(user: &Fresh) -> Result<EmailPage, AppError> {
    let core = &user.visitor.app.core;
    let latest = domain::latest(core, &user.session).await?.and_then(|code| code.destination);
    let (subject, now) = (domain::subject(&user.session), core.clock.now());
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Email, now)).await?;
    Ok(EmailPage {
        frame: user.frame(Here::Security),
        current: user.access.user.email.clone(),
        sent: latest.is_some(),
        email: latest.unwrap_or_default(),
        minutes: EMAIL_CODE_SECONDS / 60,
        wait: flow::wait_until(next, &user.zone(), now),
        ..EmailPage::default()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /security/email: **Send verification code**, **Send new code**.
pub async fn send(user: Fresh, Form(form): Form<Address>) -> Result<HttpResponse, AppError> {
    let again = blank(&user).await?;
    let email = form.email.trim().to_owned();
    if let Some(errors) = not_a_new_address(&email, &again.current) {
        return page(&EmailPage { errors, email: form.email, sent: false, ..again });
    }
    let core = &user.visitor.app.core;
    match domain::send(core, &user.session, &user.access, &email, &user.visitor.origin).await? {
        Ok(()) => Ok(see_other(PATH)),
        Err(refused) => {
            let errors = flow::not_sent(refused, &user.zone(), core.clock.now());
            let email = if again.sent { again.email.clone() } else { form.email };
            flow::refused(&EmailPage { errors, email, ..again }, refused, core.clock.now())
        }
    }
}

fn not_a_new_address(email: &str, current: &str) -> Option<FormErrors> {
    if email.is_empty() {
        Some(FormErrors::one("email", "Enter your new email address."))
    } else if !addresses::is_email(email) {
        Some(FormErrors::one("email", "Enter an email address, such as name@practice.org."))
    } else if fold(email) == fold(current) {
        Some(FormErrors::one("email", "You sign in with this address already. Enter another one."))
    } else {
        None
    }
}

/// POST /security/email/change: **Change**.
pub async fn change(user: Fresh, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    domain::start_over(&user.visitor.app.core, &user.session).await?;
    Ok(see_other(PATH))
}

/// POST /security/email/verify: **Verify code**.
pub async fn verify(user: Fresh, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    let again = blank(&user).await?;
    if !again.sent {
        return Ok(see_other(PATH));
    }
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&EmailPage { errors, ..again });
    }
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    match domain::verify(core, &user.session, &user.access, &form.code, &visitor.origin).await? {
        Changed::Done(opened) => done(visitor, &opened, Said::EmailChanged),
        Changed::Wrong => page(&EmailPage { errors: FormErrors::one("code", WRONG), ..again }),
        Changed::TooMany { until } => {
            let errors = flow::paused(&user.zone(), until, core.clock.now());
            flow::too_many(&EmailPage { errors, ..again }, until, core.clock.now())
        }
    }
}
