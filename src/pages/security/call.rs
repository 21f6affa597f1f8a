//! The new number, proven by a call that waits for the # key.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::done;
use crate::domain::second_step::calls::{self, Standing};
use crate::domain::security::phones;
use crate::error::AppError;
use crate::pages::enroll_phone::{self, Call};
use crate::web::guards::Fresh;
use crate::web::respond::page;
use crate::web::view::{Frame, Here, ResendWait};
use crate::web::visitor::Said;

/// GET /security/phones/new/call; its script asks /security/phones/new/call/status.
#[derive(Template, Default)]
#[template(path = "security/call.html")]
pub struct CallPage {
    pub frame: Frame,
    pub call: Call,
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
    let (core, zone) = (&user.visitor.app.core, user.zone());
    Ok(CallPage {
        frame: user.frame(Here::Security),
        call: Call::of(core, standing, &zone, "/security/phones/new").await?,
        wait: enroll_phone::wait(core, &user.session, &zone).await?,
    })
}

/// GET /security/phones/new/call/status, for the page's script.
pub async fn status(user: Fresh) -> Result<HttpResponse, AppError> {
    enroll_phone::call_status(&user.visitor.app.core, &user.session).await
}
