//! Second step by a recovery code, reached only by **Try another way**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, verify};
use crate::domain::second_step::{Judged, recovery_codes};
use crate::error::AppError;
use crate::models::Stage;
use crate::web::form::Form;
use crate::web::guards::PendingSignIn;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /login/verify/recovery-code: `code`.
#[derive(Template, Default)]
#[template(path = "sign_in/recovery_code.html")]
pub struct RecoveryCodePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub asked_by: Option<String>,
}

const WRONG: &str = "That code is not right, or it has been used. Check it and try again.";

/// GET /login/verify/recovery-code.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    page(&blank(&pending).await?)
}

async fn blank(pending: &PendingSignIn) -> Result<RecoveryCodePage, AppError> {
    let ways = verify::ways(pending).await?;
    if ways.recovery_codes == 0 {
        return Err(AppError::SeeOther("/login/verify/other".into()));
    }
    Ok(RecoveryCodePage {
        frame: pending.visitor.frame(),
        asked_by: flow::asked_by(pending, &ways),
        ..RecoveryCodePage::default()
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /login/verify/recovery-code.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let again = blank(&pending).await?;
    if form.code.trim().is_empty() {
        let errors = FormErrors::one("code", "Enter one of your recovery codes.");
        return page(&RecoveryCodePage { errors, ..again });
    }
    let (zone, device) = (pending.zone(), flow::device(&pending.visitor));
    let PendingSignIn { visitor, session, access } = pending;
    let core = &visitor.app.core;
    let errors = FormErrors::one("code", WRONG);
    match recovery_codes::verify(core, &session, access, &form.code, device.clone(), &visitor.origin).await? {
        Judged::Right(passed) => flow::go_on(&visitor, &passed, &device),
        Judged::Wrong | Judged::ClockOff { .. } => page(&RecoveryCodePage { errors, ..again }),
        Judged::Over => Ok(flow::start_over(&visitor, Said::TriesUsedUp)),
        Judged::Paused { until } | Judged::AddressLimit { until } => {
            let errors = flow::paused(&zone, until, core.clock.now());
            flow::too_many(&RecoveryCodePage { errors, ..again }, until, core.clock.now())
        }
    }
}
