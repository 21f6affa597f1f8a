//! The number, proven by a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::Steps;
use super::phone::{self, Ways};
use crate::domain::access::page_of;
use crate::domain::enrollment::phone::number_called;
use crate::domain::limits::CALL_SECONDS;
use crate::domain::registration::phone as domain;
use crate::domain::second_step::calls::{self, Standing};
use crate::error::AppError;
use crate::models::FactorKind;
use crate::pages::sign_in::flow;
use crate::web::registering::Enrolling;
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{CodeLife, Frame, PhoneChoice, ResendWait};

/// GET /register/phone/call; its script asks /register/phone/call/status.
#[derive(Template, Default)]
#[template(path = "registration/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub steps: Steps,
    pub phone: PhoneChoice,
    /// In full, for the buttons that try once more.
    pub number: String,
    pub waiting: bool,
    /// It could not be placed.
    pub failed: bool,
    pub life: CodeLife,
    pub wait: ResendWait,
    pub ways: Ways,
}

/// GET /register/phone/call. The # key was the act; this request of the same session takes its result,
/// once. HEAD never does.
pub async fn show(enrolling: Enrolling, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let core = &enrolling.visitor.app.core;
    let standing = calls::standing(core, &enrolling.session.id).await?;
    if let (Standing::Approved { call_id }, &Method::GET) = (&standing, req.method()) {
        let opened =
            domain::go_on(core, &enrolling.session, &enrolling.access, call_id, &enrolling.visitor.origin).await?;
        let opened = opened.ok_or_else(|| AppError::SeeOther("/register/phone".into()))?;
        session::enter(&enrolling.visitor.handle, &opened)?;
        return Ok(see_other(page_of(opened.session.stage)));
    }
    page(&waiting(&enrolling, &standing).await?)
}

async fn waiting(enrolling: &Enrolling, standing: &Standing) -> Result<CallPage, AppError> {
    let core = &enrolling.visitor.app.core;
    let nothing_placed = || AppError::SeeOther("/register/phone".into());
    let (until, factor) = match standing {
        Standing::Waiting { until, factor_id } => (*until, Some(factor_id)),
        Standing::Approved { .. } => (None, None),
        Standing::Failed { factor_id } => (None, Some(factor_id)),
        Standing::Over { factor_id } => (None, factor_id.as_ref()),
    };
    let number = number_called(core, factor.ok_or_else(nothing_placed)?).await?.ok_or_else(nothing_placed)?;
    let (zone, now) = (enrolling.access.zone(&enrolling.session), core.clock.now());
    let ends = until.unwrap_or(now + time::Duration::seconds(CALL_SECONDS));
    Ok(CallPage {
        frame: enrolling.visitor.frame(),
        steps: Steps::at(Steps::FACTOR, Some(FactorKind::Phone)),
        phone: PhoneChoice::new("", None, &number),
        number,
        waiting: matches!(standing, Standing::Waiting { .. } | Standing::Approved { .. }),
        failed: matches!(standing, Standing::Failed { .. }),
        life: flow::life(ends, CALL_SECONDS, &zone, now),
        wait: phone::wait(enrolling).await?,
        ways: Ways::besides(enrolling, FactorKind::Phone),
    })
}

/// GET /register/phone/call/status, for the page's script.
pub async fn status(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    let standing = calls::standing(&enrolling.visitor.app.core, &enrolling.session.id).await?;
    let state = match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Approved { .. } => "approved",
        Standing::Failed { .. } | Standing::Over { .. } => "over",
    };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}
