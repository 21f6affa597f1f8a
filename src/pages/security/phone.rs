//! Another phone: the number that is to be texted or called.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::Counts;
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
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here, ResendWait};

/// GET and POST /security/phones/new: `country_code`, `phone_number`, `how` (sms|call).
#[derive(Template, Default)]
#[template(path = "security/phone.html")]
pub struct PhonePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub country_code: String,
    pub phone_number: String,
    pub wait: ResendWait,
    pub counts: Counts,
}

async fn blank(user: &Fresh) -> Result<PhonePage, AppError> {
    let settings = &user.visitor.app.core.settings;
    if !settings.carries(FactorKind::Phone) {
        // The page that leads here says why.
        return Err(AppError::SeeOther("/security".into()));
    }
    let countries = &settings.phone_countries;
    Ok(PhonePage {
        frame: user.frame(Here::Security),
        country_code: countries.first().map(|code| format!("+{code}")).unwrap_or_default(),
        wait: wait(&user.visitor.app.core, &user.session, &user.zone()).await?,
        counts: Counts::of(user, FactorKind::Phone),
        ..PhonePage::default()
    })
}

/// GET /security/phones/new.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&blank(&user).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    country_code: String,
    phone_number: String,
    how: String,
}

/// POST /security/phones/new: **Send Code** or **Call Me**.
pub async fn submit(user: Fresh, FormHere(form): FormHere<Number>) -> Result<HttpResponse, AppError> {
    let again = PhonePage {
        country_code: form.country_code.clone(),
        phone_number: form.phone_number.clone(),
        ..blank(&user).await?
    };
    let settings = &user.visitor.app.core.settings;
    let code = form.country_code.trim().trim_start_matches('+');
    match phone_number::parse(code, &form.phone_number, &settings.phone_countries) {
        Ok(number) => send(&user, number, form.how == "call", again).await,
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
async fn send(user: &Fresh, number: String, call: bool, again: PhonePage) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let sent = phones::send(core, &user.session, &user.access, (number, call), &user.visitor.origin).await?;
    let refused = match sent {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            return Ok(see_other(if call { "/security/phones/new/call" } else { "/security/phones/new/code" }));
        }
        Err(NotSent::Taken) => return page(&PhonePage { errors: FormErrors::one("phone_number", TAKEN), ..again }),
        Err(NotSent::Refused(Refused::Country)) => {
            let errors = FormErrors::one("phone_number", Refusal::Country.to_string());
            return page(&PhonePage { errors, ..again });
        }
        Err(NotSent::Refused(refused)) => refused,
    };
    let errors = flow::not_sent(refused, &user.zone(), core.clock.now());
    flow::refused(&PhonePage { errors, ..again }, refused, core.clock.now())
}
