//! The fork of the second step: to the factor that is asked, and **Cancel**.

use actix_web::HttpResponse;

use super::flow;
use crate::db::Fault;
use crate::domain::access::page_of;
use crate::domain::second_step::ways::{self, Ways};
use crate::domain::sign_in::{self, step_up};
use crate::error::AppError;
use crate::models::{FactorKind, Stage};
use crate::web::form::{Form, Nothing};
use crate::web::guards::PendingSignIn;
use crate::web::respond::see_other;
use crate::web::visitor::{Said, Visitor};

/// GET /login/verify.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    due(&pending, Stage::SecondStep)?;
    // Whoever came by a domain account pressed neither option.
    let option = pending.session.domain_sign_in_id.is_none().then_some(pending.session.login_option);
    Ok(see_other(match ways(&pending).await?.asked(option) {
        Some(kind) => path_of(kind),
        None => "/login/verify/other",
    }))
}

/// What this person can show now.
pub async fn ways(pending: &PendingSignIn) -> Result<Ways, Fault> {
    let core = &pending.visitor.app.core;
    let (context, session, access) = (core.clone(), pending.session.clone(), pending.access.clone());
    let look = move |conn: &mut _| ways::of_session(conn, &context, &session, &access, context.clock.now());
    core.db.read(move |conn| look(conn).map_err(Fault::from)).await
}

/// A step that is not due leads to the one that is. ASVS 2.3.1.
pub fn due(pending: &PendingSignIn, stage: Stage) -> Result<(), AppError> {
    let here = pending.session.stage;
    // A forgotten password, and a factor that is shown again, take the same pages.
    let the_same = matches!(here, Stage::PasswordReset | Stage::StepUp) && stage == Stage::SecondStep;
    if here == stage || the_same {
        return Ok(());
    }
    Err(AppError::SeeOther(page_of(pending.session.stage).into()))
}

/// The page of a factor.
pub fn path_of(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Phone => "/login/verify/phone",
        FactorKind::Email => "/login/verify/email",
        FactorKind::Authenticator | FactorKind::HardwareToken => "/login/verify/authenticator",
        FactorKind::RecoveryCode => "/login/verify/recovery-code",
        // Nothing to be shown here.
        FactorKind::Domain => "/login/verify/other",
    }
}

/// POST /login/cancel: everything half-made is gone, here and in the codes that were sent.
pub async fn cancel(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    match &visitor.session {
        Some(session) if session.stage == Stage::SignedIn => return Ok(see_other("/home")),
        Some(session) if session.resume_stage.is_some() => {
            let back_to = step_up::cancel(&visitor.app.core, session).await?;
            return Ok(see_other(page_of(back_to)));
        }
        Some(session) => sign_in::cancel(&visitor.app.core, session, &visitor.origin).await?,
        None => {}
    }
    let resetting = visitor.session.as_ref().is_some_and(|s| s.stage.is_reset());
    Ok(flow::start_over(&visitor, if resetting { Said::ResetCanceled } else { Said::SignInCanceled }))
}
