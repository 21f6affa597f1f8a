//! The address, proven by a code; then the password, on the same page.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use crate::domain::addresses;
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::registration::{address, mails};
use crate::domain::second_step::send_limits::Refused;
use crate::domain::times::Zone;
use crate::domain::verification::{self, Checked};
use crate::error::AppError;
use crate::models::Channel;
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::registering::{ERROR, Registering};
use crate::web::respond::{page, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, Frame, ResendWait};

/// GET /register/email. `email` goes to the same (send), `code` to /code, nothing to /change, and
/// `new_password` with `confirm_password` to /create.
#[derive(Template, Default)]
#[template(path = "registration/email.html")]
pub struct EmailPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub email: String,
    /// `None` while the address can be typed.
    pub delivery: Option<Delivery>,
    pub life: Option<CodeLife>,
    pub wait: ResendWait,
    /// The address is proven; the password is all that is left.
    pub verified: bool,
    /// The fewest characters of a password here.
    pub min_length: usize,
}

const WRONG: &str = "That code is not right. Check the newest email and try again.";

/// GET /register/email.
pub async fn show(registering: Registering) -> Result<HttpResponse, AppError> {
    page(&blank(&registering).await?)
}

/// The page as it stands.
pub async fn blank(registering: &Registering) -> Result<EmailPage, AppError> {
    let (core, road) = (&registering.visitor.app.core, &registering.road);
    let registration = &road.registration;
    if registration.method.is_none() {
        return Err(AppError::SeeOther(ERROR.into()));
    }
    let latest = address::latest(core, road).await?.filter(|_| registration.verified_email.is_none());
    let (zone, now) = (zone(registering), core.clock.now());
    let sent_to = latest.as_ref().and_then(|(code, _)| code.destination.clone());
    let subject = address::subject(road);
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Email, now)).await?;
    Ok(EmailPage {
        frame: registering.visitor.frame(),
        steps: Steps::at(Steps::EMAIL, registration.method),
        email: registration.verified_email.clone().or(sent_to).unwrap_or_else(|| registration.email.clone()),
        life: latest
            .as_ref()
            .and_then(|(code, _)| code.expires_at.map(|end| flow::life(end, code.lifetime_seconds, &zone, now))),
        delivery: latest.map(|(code, message)| flow::delivery(&code, &message, now)),
        wait: flow::wait_until(next, &zone, now),
        verified: registration.verified_email.is_some(),
        min_length: if road.organization.enforce_mfa { 8 } else { 15 },
        ..EmailPage::default()
    })
}

fn zone(registering: &Registering) -> Zone {
    mails::zone(Some(&registering.road.organization))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /register/email: **Send verification code**, **Send new code**.
pub async fn send(registering: Registering, Form(form): Form<Address>) -> Result<HttpResponse, AppError> {
    let again = blank(&registering).await?;
    let email = form.email.trim().to_owned();
    if !addresses::is_email(&email) {
        let errors = FormErrors::one("email", "Enter an email address, such as name@practice.org.");
        return page(&EmailPage { errors, email: form.email, delivery: None, verified: false, ..again });
    }
    let core = &registering.visitor.app.core;
    match address::send(core, &registering.road, email, &registering.visitor.origin).await? {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other("/register/email"))
        }
        Err(refused) => {
            let errors = not_sent(refused, &registering);
            flow::refused(&EmailPage { errors, ..again }, refused, core.clock.now())
        }
    }
}

fn not_sent(refused: Refused, registering: &Registering) -> FormErrors {
    flow::not_sent(refused, &zone(registering), registering.visitor.app.core.clock.now())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /register/email/code: **Verify code**.
pub async fn verify(registering: Registering, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    let again = blank(&registering).await?;
    if again.verified {
        return Ok(see_other("/register/email"));
    }
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&EmailPage { errors, ..again });
    }
    let core = &registering.visitor.app.core;
    match address::verify(core, &registering.road, form.code).await? {
        Checked::Right { .. } => Ok(see_other("/register/email")),
        Checked::Wrong => page(&EmailPage { errors: FormErrors::one("code", WRONG), ..again }),
        Checked::TooMany { until } => {
            let errors = flow::paused(&zone(&registering), until, core.clock.now());
            flow::too_many(&EmailPage { errors, ..again }, until, core.clock.now())
        }
    }
}

/// POST /register/email/change: **Change**.
pub async fn change(registering: Registering, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    address::change(&registering.visitor.app.core, &registering.road).await?;
    Ok(see_other("/register/email"))
}

impl EmailPage {
    fn password_hint(&self) -> String {
        format!("At least {} characters. A few words make a good one.", self.min_length)
    }
}
