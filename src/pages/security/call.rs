//! The new number, proven by a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{done, phone};
use crate::domain::enrollment::phone::number_called;
use crate::domain::limits::CALL_SECONDS;
use crate::domain::second_step::calls::{self, Standing};
use crate::domain::security::phones;
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::guards::Fresh;
use crate::web::respond::page;
use crate::web::view::{CodeLife, Frame, Here, PhoneChoice, ResendWait};
use crate::web::visitor::Said;

/// GET /security/phones/new/call; its script asks /security/phones/new/call/status.
#[derive(Template, Default)]
#[template(path = "security/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub phone: PhoneChoice,
    /// In full, for the buttons that try once more.
    pub number: String,
    pub waiting: bool,
    /// It could not be placed.
    pub failed: bool,
    pub life: CodeLife,
    pub wait: ResendWait,
}

/// GET /security/phones/new/call. The # key was the act; this request of the same session takes its
/// result, once. HEAD never does.
pub async fn show(user: Fresh, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let standing = calls::standing(core, &user.session.id).await?;
    if let (Standing::Approved { call_id }, &Method::GET) = (&standing, req.method()) {
        let opened = phones::go_on(core, &user.session, &user.access, call_id, &user.visitor.origin).await?;
        let opened = opened.ok_or_else(|| AppError::SeeOther("/security".into()))?;
        return done(&user.visitor, &opened, Said::PhoneAdded);
    }
    page(&waiting(&user, &standing).await?)
}

async fn waiting(user: &Fresh, standing: &Standing) -> Result<CallPage, AppError> {
    let core = &user.visitor.app.core;
    let nothing_placed = || AppError::SeeOther("/security/phones/new".into());
    let (until, factor) = match standing {
        Standing::Waiting { until, factor_id } => (*until, Some(factor_id)),
        Standing::Approved { .. } => (None, None),
        Standing::Failed { factor_id } => (None, Some(factor_id)),
        Standing::Over { factor_id } => (None, factor_id.as_ref()),
    };
    let number = number_called(core, factor.ok_or_else(nothing_placed)?).await?.ok_or_else(nothing_placed)?;
    let (zone, now) = (user.zone(), core.clock.now());
    let ends = until.unwrap_or(now + time::Duration::seconds(CALL_SECONDS));
    Ok(CallPage {
        frame: user.frame(Here::Security),
        phone: PhoneChoice::new("", None, &number),
        number,
        waiting: matches!(standing, Standing::Waiting { .. } | Standing::Approved { .. }),
        failed: matches!(standing, Standing::Failed { .. }),
        life: flow::life(ends, CALL_SECONDS, &zone, now),
        wait: phone::wait(user).await?,
    })
}

/// GET /security/phones/new/call/status, for the page's script.
pub async fn status(user: Fresh) -> Result<HttpResponse, AppError> {
    let standing = calls::standing(&user.visitor.app.core, &user.session.id).await?;
    let state = match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Approved { .. } => "approved",
        Standing::Failed { .. } | Standing::Over { .. } => "over",
    };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}
