//! Set-up with a phone, proven by a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::phone;
use super::{done, open};
use crate::domain::enrollment::phone::number_called;
use crate::domain::limits::CALL_SECONDS;
use crate::domain::second_step::calls::{self, Standing};
use crate::domain::security::phones;
use crate::error::AppError;
use crate::models::FactorKind;
use crate::pages::sign_in::flow;
use crate::web::guards::SetUp;
use crate::web::respond::page;
use crate::web::view::{CodeLife, Frame, PhoneChoice, ResendWait};

/// GET /security/setup/phone/call; its script asks /security/setup/phone/call/status.
#[derive(Template, Default)]
#[template(path = "security/setup/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub demanded: Option<String>,
    pub phone: PhoneChoice,
    /// In full, for the buttons that try once more.
    pub number: String,
    pub waiting: bool,
    /// It could not be placed.
    pub failed: bool,
    pub life: CodeLife,
    pub wait: ResendWait,
}

/// GET /security/setup/phone/call. The # key was the act; this request of the same session takes its
/// result, once. HEAD never does.
pub async fn show(set_up: SetUp, req: HttpRequest) -> Result<HttpResponse, AppError> {
    open(&set_up, FactorKind::Phone)?;
    let core = &set_up.visitor.app.core;
    let standing = calls::standing(core, &set_up.session.id).await?;
    if let (Standing::Approved { call_id }, &Method::GET) = (&standing, req.method()) {
        let opened = phones::go_on(core, &set_up.session, &set_up.access, call_id, &set_up.visitor.origin).await?;
        let opened = opened.ok_or_else(|| AppError::SeeOther("/security/setup".into()))?;
        return done(&set_up.visitor, &opened);
    }
    page(&waiting(&set_up, &standing).await?)
}

async fn waiting(set_up: &SetUp, standing: &Standing) -> Result<CallPage, AppError> {
    let core = &set_up.visitor.app.core;
    let nothing_placed = || AppError::SeeOther("/security/setup/phone".into());
    let (until, factor) = match standing {
        Standing::Waiting { until, factor_id } => (*until, Some(factor_id)),
        Standing::Approved { .. } => (None, None),
        Standing::Failed { factor_id } => (None, Some(factor_id)),
        Standing::Over { factor_id } => (None, factor_id.as_ref()),
    };
    let number = number_called(core, factor.ok_or_else(nothing_placed)?).await?.ok_or_else(nothing_placed)?;
    let (zone, now) = (set_up.zone(), core.clock.now());
    let ends = until.unwrap_or(now + time::Duration::seconds(CALL_SECONDS));
    Ok(CallPage {
        frame: set_up.frame(),
        demanded: super::demanded(set_up),
        phone: PhoneChoice::new("", None, &number),
        number,
        waiting: matches!(standing, Standing::Waiting { .. } | Standing::Approved { .. }),
        failed: matches!(standing, Standing::Failed { .. }),
        life: flow::life(ends, CALL_SECONDS, &zone, now),
        wait: phone::wait(set_up).await?,
    })
}

/// GET /security/setup/phone/call/status, for the page's script.
pub async fn status(set_up: SetUp) -> Result<HttpResponse, AppError> {
    let standing = calls::standing(&set_up.visitor.app.core, &set_up.session.id).await?;
    let state = match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Approved { .. } => "approved",
        Standing::Failed { .. } | Standing::Over { .. } => "over",
    };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}
