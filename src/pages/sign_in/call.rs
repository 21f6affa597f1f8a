//! Second step by phone: a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{flow, phone, verify};
use crate::domain::limits::CALL_SECONDS;
use crate::domain::second_step::calls::{self, Standing};
use crate::error::AppError;
use crate::models::{Channel, FactorKind, Stage};
use crate::web::guards::PendingSignIn;
use crate::web::respond::page;
use crate::web::view::{CodeLife, Frame, PhoneChoice, ResendWait};

/// GET /login/verify/call. With scripts it asks /login/verify/call/status, which answers
/// `{"state":"waiting|approved|over"}`, and then loads this page again; without, it refreshes itself.
/// Once approved, this URL answers with the next step instead.
#[derive(Template, Default)]
#[template(path = "sign_in/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub asked_by: Option<String>,
    pub phone: PhoneChoice,
    /// False once the call was not answered or refused.
    pub waiting: bool,
    /// It could not even be placed.
    pub failed: bool,
    /// How long the call can be answered.
    pub life: CodeLife,
    pub wait: ResendWait,
}

/// GET /login/verify/call. The # key was the act; this request of the same sign-in takes its result,
/// once, so that the page goes on by itself also where scripts are off. HEAD never does.
pub async fn show(pending: PendingSignIn, req: HttpRequest) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let core = &pending.visitor.app.core;
    let standing = calls::standing(core, &pending.session.id).await?;
    if let (Standing::Approved { call_id }, &Method::GET) = (&standing, req.method()) {
        let device = flow::device(&pending.visitor);
        let PendingSignIn { visitor, session, access } = pending;
        let core = &visitor.app.core;
        let passed = calls::go_on(core, &session, access, call_id, device.clone(), &visitor.origin).await?;
        let Some(passed) = passed else { return Err(AppError::SeeOther("/login/verify".into())) };
        return flow::go_on(&visitor, &passed, &device);
    }
    page(&waiting(&pending, &standing).await?)
}

async fn waiting(pending: &PendingSignIn, standing: &Standing) -> Result<CallPage, AppError> {
    let (until, factor) = match standing {
        Standing::Waiting { until, factor_id } => (*until, Some(factor_id.clone())),
        Standing::Approved { .. } => (None, None),
        Standing::Failed { factor_id } => (None, Some(factor_id.clone())),
        Standing::Over { factor_id } => (None, factor_id.clone()),
    };
    let ways = verify::ways(pending).await?;
    let mut phones = ways.of(FactorKind::Phone);
    let phone = match &factor {
        Some(id) => phones.find(|f| &f.id == id),
        None => phones.next(),
    };
    let (zone, now) = (pending.zone(), pending.visitor.app.core.clock.now());
    let ends = until.unwrap_or(now + time::Duration::seconds(CALL_SECONDS));
    Ok(CallPage {
        frame: pending.visitor.frame(),
        asked_by: flow::asked_by(pending, &ways),
        phone: phone.and_then(phone::choice).ok_or_else(|| AppError::SeeOther("/login/verify".into()))?,
        waiting: matches!(standing, Standing::Waiting { .. } | Standing::Approved { .. }),
        failed: matches!(standing, Standing::Failed { .. }),
        life: flow::life(ends, CALL_SECONDS, &zone, now),
        wait: flow::wait(&pending.session, Channel::Call, &zone, now),
    })
}

/// GET /login/verify/call/status, for the page's script.
pub async fn status(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    let standing = calls::standing(&pending.visitor.app.core, &pending.session.id).await?;
    let state = match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Approved { .. } => "approved",
        Standing::Failed { .. } | Standing::Over { .. } => "over",
    };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}
