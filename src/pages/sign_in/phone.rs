//! Second step by phone: which number, and by text message or call.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, verify};
use crate::domain::limits::HAND_OVER_WAIT;
use crate::domain::second_step::{calls, codes};
use crate::error::AppError;
use crate::models::{Channel, FactorKind, Stage};
use crate::outbox::worker::wait_for_hand_over;
use crate::web::form::Form;
use crate::web::guards::PendingSignIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, PhoneChoice, ResendWait};

/// GET and POST /login/verify/phone: `factor`, `how` (sms|call).
#[derive(Template, Default)]
#[template(path = "sign_in/phone.html")]
pub struct PhonePage {
    pub frame: Frame,
    /// A send limit is an error of the whole form (empty field name).
    pub errors: FormErrors,
    /// The organization that asks, where it is not the account itself.
    pub asked_by: Option<String>,
    /// Last used first; that one is chosen.
    pub phones: Vec<PhoneChoice>,
    pub wait: ResendWait,
}

/// GET /login/verify/phone.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    page(&blank(&pending).await?)
}

async fn blank(pending: &PendingSignIn) -> Result<PhonePage, AppError> {
    let ways = verify::ways(pending).await?;
    let phones: Vec<PhoneChoice> = ways.of(FactorKind::Phone).filter_map(choice).collect();
    if phones.is_empty() {
        return Err(AppError::SeeOther("/login/verify/other".into()));
    }
    let now = pending.visitor.app.core.clock.now();
    Ok(PhonePage {
        frame: pending.visitor.frame(),
        errors: FormErrors::default(),
        asked_by: flow::asked_by(pending, &ways),
        phones,
        wait: flow::wait(&pending.session, Channel::Sms, &pending.zone(), now),
    })
}

/// A phone as a page shows it.
pub fn choice(factor: &crate::models::factors::Factor) -> Option<PhoneChoice> {
    let name = Some(factor.name.clone()).filter(|n| !n.is_empty());
    factor.phone.as_ref().map(|number| PhoneChoice::new(&factor.id, name, number))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    factor: Option<String>,
    how: String,
}

/// POST /login/verify/phone: **Send Code** or **Call Me**.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Send>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let again = blank(&pending).await?;
    let Some(factor) = form.factor.or_else(|| again.phones.first().map(|p| p.id.clone())) else {
        return page(&PhonePage { errors: FormErrors::one("factor", "Choose a number."), ..again });
    };
    send(pending, &factor, form.how == "call", again).await
}

/// Sends or calls, waits a moment for the hand-over, and goes on to the page that tells how it went.
pub async fn send(
    pending: PendingSignIn,
    factor: &str,
    call: bool,
    again: PhonePage,
) -> Result<HttpResponse, AppError> {
    let PendingSignIn { visitor, session, access } = pending;
    let zone = access.zone(&session);
    let core = &visitor.app.core;
    let sent = if call {
        calls::place(core, &session, access, factor, &visitor.origin).await?
    } else {
        codes::send(core, &session, access, factor, &visitor.origin).await?
    };
    match sent {
        Ok(message) => {
            wait_for_hand_over(core, &message, HAND_OVER_WAIT).await?;
            Ok(see_other(if call { "/login/verify/call" } else { "/login/verify/phone/code" }))
        }
        Err(refused) => {
            let errors = flow::not_sent(refused, &zone, core.clock.now());
            flow::refused(&PhonePage { errors, ..again }, refused, core.clock.now())
        }
    }
}
