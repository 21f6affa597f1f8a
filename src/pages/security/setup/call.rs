//! Set-up with a phone, proven by a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{done, open};
use crate::domain::second_step::calls::{self, Standing};
use crate::domain::security::phones;
use crate::error::AppError;
use crate::models::FactorKind;
use crate::pages::enroll_phone::{self, Call};
use crate::web::guards::SetUp;
use crate::web::respond::page;
use crate::web::view::{Frame, ResendWait};

/// GET /security/setup/phone/call; its script asks /security/setup/phone/call/status.
#[derive(Template, Default)]
#[template(path = "security/setup/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub demanded: Option<String>,
    pub call: Call,
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
    let (core, zone) = (&set_up.visitor.app.core, set_up.zone());
    Ok(CallPage {
        frame: set_up.frame(),
        demanded: super::demanded(set_up),
        call: Call::of(core, standing, &zone, "/security/setup/phone").await?,
        wait: enroll_phone::wait(core, &set_up.session, &zone).await?,
    })
}

/// GET /security/setup/phone/call/status, for the page's script.
pub async fn status(set_up: SetUp) -> Result<HttpResponse, AppError> {
    enroll_phone::call_status(&set_up.visitor.app.core, &set_up.session).await
}
