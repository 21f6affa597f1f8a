//! The number that is texted or called at sign-in.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Steps;
use crate::domain::enrollment::phone_number::{self, Refusal};
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::registration::{factor, phone};
use crate::domain::second_step::send_limits::Refused;
use crate::domain::verification;
use crate::error::AppError;
use crate::models::{Channel, FactorKind};
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::sign_in::flow;
use crate::web::form::Form;
use crate::web::registering::Enrolling;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, ResendWait};

/// GET and POST /register/phone: `country_code`, `phone_number`, `how` (sms|call).
#[derive(Template, Default)]
#[template(path = "registration/phone.html")]
pub struct PhonePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub country_code: String,
    pub phone_number: String,
    pub wait: ResendWait,
    pub ways: Ways,
}

/// What can be chosen instead; `method` goes to /register/factor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways {
    pub phone: bool,
    pub email: bool,
    pub app: bool,
}

impl Ways {
    pub fn besides(enrolling: &Enrolling, chosen: FactorKind) -> Self {
        let others = factor::others(&enrolling.visitor.app.core.settings, &enrolling.access, chosen);
        let has = |kind| others.contains(&kind);
        Self { phone: has(FactorKind::Phone), email: has(FactorKind::Email), app: has(FactorKind::Authenticator) }
    }
}

/// When another code or call may be sent.
pub async fn wait(enrolling: &Enrolling) -> Result<ResendWait, AppError> {
    let core = &enrolling.visitor.app.core;
    let (subject, now) = (phone::subject(&enrolling.session), core.clock.now());
    let next = core.db.read(move |conn| verification::next_send_at(conn, &subject, Channel::Sms, now)).await?;
    let zone = enrolling.access.zone(&enrolling.session);
    Ok(flow::wait_until(next, &zone, now))
}

async fn blank(enrolling: &Enrolling) -> Result<PhonePage, AppError> {
    let settings = &enrolling.visitor.app.core.settings;
    if !settings.carries(FactorKind::Phone) {
        // Chosen while there was a gateway: another factor is, on the page of the app.
        return Err(AppError::SeeOther("/register/authenticator".into()));
    }
    let countries = &settings.phone_countries;
    Ok(PhonePage {
        frame: enrolling.visitor.frame(),
        steps: Steps::at(Steps::FACTOR, Some(FactorKind::Phone)),
        country_code: countries.first().map(|code| format!("+{code}")).unwrap_or_default(),
        wait: wait(enrolling).await?,
        ways: Ways::besides(enrolling, FactorKind::Phone),
        ..PhonePage::default()
    })
}

/// GET /register/phone.
pub async fn show(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    page(&blank(&enrolling).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    country_code: String,
    phone_number: String,
    how: String,
}

/// POST /register/phone: **Send Code** or **Call Me**.
pub async fn submit(enrolling: Enrolling, Form(form): Form<Number>) -> Result<HttpResponse, AppError> {
    let again = PhonePage {
        country_code: form.country_code.clone(),
        phone_number: form.phone_number.clone(),
        ..blank(&enrolling).await?
    };
    let settings = &enrolling.visitor.app.core.settings;
    let code = form.country_code.trim().trim_start_matches('+');
    match phone_number::parse(code, &form.phone_number, &settings.phone_countries) {
        Ok(number) => send(enrolling, number, form.how == "call", again).await,
        Err(refusal) => {
            let field = match refusal {
                Refusal::Country if !form.phone_number.trim().starts_with('+') => "country_code",
                _ => "phone_number",
            };
            page(&PhonePage { errors: FormErrors::one(field, refusal.to_string()), ..again })
        }
    }
}

/// Sends or calls, waits a moment for the hand-over, and goes on to the page that tells how it went.
pub async fn send(
    enrolling: Enrolling,
    number: String,
    call: bool,
    again: PhonePage,
) -> Result<HttpResponse, AppError> {
    let Enrolling { visitor, session, access } = enrolling;
    let (core, zone) = (&visitor.app.core, access.zone(&session));
    let sent = if call {
        phone::call(core, &session, access, number, &visitor.origin).await?
    } else {
        phone::send(core, &session, &access, number, &visitor.origin).await?
    };
    match sent {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other(if call { "/register/phone/call" } else { "/register/phone/code" }))
        }
        Err(Refused::Country) => {
            let errors = FormErrors::one("phone_number", Refusal::Country.to_string());
            page(&PhonePage { errors, ..again })
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &zone, core.clock.now());
            flow::refused(&PhonePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
