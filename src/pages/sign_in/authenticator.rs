//! Second step by authenticator app or hardware token: one page, tried against each active one.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, verify};
use crate::domain::second_step::{Judged, totp};
use crate::error::AppError;
use crate::models::{FactorKind, Stage};
use crate::web::form::Form;
use crate::web::guards::PendingSignIn;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /login/verify/authenticator: `code`.
#[derive(Template, Default)]
#[template(path = "sign_in/authenticator.html")]
pub struct AuthenticatorPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
    pub has_app: bool,
    pub has_token: bool,
    /// Set when the code fits a nearby time.
    pub clock_off_minutes: Option<i64>,
}

const WRONG: &str =
    "That code does not match. Check that your device sets its clock automatically, then enter the next code.";

/// GET /login/verify/authenticator.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    page(&blank(&pending).await?)
}

async fn blank(pending: &PendingSignIn) -> Result<AuthenticatorPage, AppError> {
    let ways = verify::ways(pending).await?;
    if !ways.has_totp() {
        return Err(AppError::SeeOther("/login/verify/other".into()));
    }
    Ok(AuthenticatorPage {
        frame: pending.visitor.frame(),
        asked_by: flow::asked_by(pending, &ways),
        has_app: ways.has(FactorKind::Authenticator),
        has_token: ways.has(FactorKind::HardwareToken),
        ..AuthenticatorPage::default()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /login/verify/authenticator.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let again = blank(&pending).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&AuthenticatorPage { errors, ..again });
    }
    let (zone, device) = (pending.zone(), flow::device(&pending.visitor));
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    let errors = FormErrors::one("code", WRONG);
    match totp::verify(core, &session, access, &form.code, device.clone(), &visitor.origin).await? {
        Judged::Right(passed) => flow::go_on(&visitor, &passed, &device),
        Judged::ClockOff { minutes } => page(&AuthenticatorPage { errors, clock_off_minutes: Some(minutes), ..again }),
        Judged::Wrong => page(&AuthenticatorPage { errors, ..again }),
        Judged::Over => Ok(flow::start_over(&visitor, Said::TriesUsedUp)),
        Judged::Paused { until } | Judged::AddressLimit { until } => {
            let errors = flow::paused(&zone, until, core.clock.now());
            flow::too_many(&AuthenticatorPage { errors, ..again }, until, core.clock.now())
        }
    }
}
