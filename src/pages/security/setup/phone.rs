//! Set-up with a phone: the number that is to be texted or called.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Way, open};
use crate::domain::enrollment::phone_number::{self, Refusal};
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::second_step::send_limits::Refused;
use crate::domain::security::phones::{self, NotSent};
use crate::error::AppError;
use crate::models::FactorKind;
use crate::outbox::worker::wait_for_hand_over;
use crate::pages::enroll_phone::{TAKEN, wait};
use crate::pages::sign_in::flow;
use crate::web::form::FormHere;
use crate::web::guards::SetUp;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, ResendWait};

/// GET and POST /security/setup/phone: `country_code`, `phone_number`, `how` (sms|call).
#[derive(Template, Default)]
#[template(path = "security/setup/phone.html")]
pub struct PhonePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub demanded: Option<String>,
    pub ways: Vec<Way>,
    pub country_code: String,
    pub phone_number: String,
    pub wait: ResendWait,
}

async fn blank(set_up: &SetUp) -> Result<PhonePage, AppError> {
    open(set_up, FactorKind::Phone)?;
    let countries = &set_up.visitor.app.core.settings.phone_countries;
    Ok(PhonePage {
        frame: set_up.frame(),
        demanded: super::demanded(set_up),
        ways: super::ways(set_up, FactorKind::Phone),
        country_code: countries.first().map(|code| format!("+{code}")).unwrap_or_default(),
        wait: wait(&set_up.visitor.app.core, &set_up.session, &set_up.zone()).await?,
        ..PhonePage::default()
    })
}

/// GET /security/setup/phone.
pub async fn show(set_up: SetUp) -> Result<HttpResponse, AppError> {
    page(&blank(&set_up).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    country_code: String,
    phone_number: String,
    how: String,
}

/// POST /security/setup/phone: **Send Code** or **Call Me**.
pub async fn submit(set_up: SetUp, FormHere(form): FormHere<Number>) -> Result<HttpResponse, AppError> {
    let again = PhonePage {
        country_code: form.country_code.clone(),
        phone_number: form.phone_number.clone(),
        ..blank(&set_up).await?
    };
    let settings = &set_up.visitor.app.core.settings;
    let code = form.country_code.trim().trim_start_matches('+');
    match phone_number::parse(code, &form.phone_number, &settings.phone_countries) {
        Ok(number) => send(&set_up, number, form.how == "call", again).await,
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
async fn send(set_up: &SetUp, number: String, call: bool, again: PhonePage) -> Result<HttpResponse, AppError> {
    let core = &set_up.visitor.app.core;
    let sent = phones::send(core, &set_up.session, &set_up.access, (number, call), &set_up.visitor.origin).await?;
    let refused = match sent {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            return Ok(see_other(if call { "/security/setup/phone/call" } else { "/security/setup/phone/code" }));
        }
        Err(NotSent::Taken) => return page(&PhonePage { errors: FormErrors::one("phone_number", TAKEN), ..again }),
        Err(NotSent::Refused(Refused::Country)) => {
            let errors = FormErrors::one("phone_number", Refusal::Country.to_string());
            return page(&PhonePage { errors, ..again });
        }
        Err(NotSent::Refused(refused)) => refused,
    };
    let errors = flow::not_sent(refused, &set_up.zone(), core.clock.now());
    flow::refused(&PhonePage { errors, ..again }, refused, core.clock.now())
}
