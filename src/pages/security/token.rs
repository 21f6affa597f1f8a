//! **Activate** for a hardware token that an administrator has assigned.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::done;
use crate::domain::enrollment::called;
use crate::domain::security::tokens::{self, Activated};
use crate::error::AppError;
use crate::pages::enroll::WRONG;
use crate::pages::sign_in::flow;
use crate::web::form::FormHere;
use crate::web::guards::Fresh;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/tokens/{id}/activate: `code`.
#[derive(Template, Default)]
#[template(path = "security/token.html")]
pub struct TokenPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub name: String,
    pub clock_off_minutes: Option<i64>,
}

/// GET /security/tokens/{id}/activate.
pub async fn show(user: Fresh, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&blank(&user, &id).await?)
}

async fn blank(user: &Fresh, id: &str) -> Result<TokenPage, AppError> {
    let token = tokens::find(&user.visitor.app.core, &user.access.user.id, id).await?.ok_or(AppError::NotFound)?;
    Ok(TokenPage { frame: user.frame(Here::Security), name: called(&token), id: token.id, ..TokenPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /security/tokens/{id}/activate.
pub async fn activate(
    user: Fresh,
    id: web::Path<String>,
    FormHere(form): FormHere<Code>,
) -> Result<HttpResponse, AppError> {
    let again = blank(&user, &id).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&TokenPage { errors, ..again });
    }
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    let wrong = FormErrors::one("code", WRONG);
    match tokens::activate(core, &user.session, &user.access, (&id, &form.code), &visitor.origin).await? {
        Activated::Done(opened) => done(visitor, &opened, Said::TokenActivated),
        Activated::NotFound => Err(AppError::NotFound),
        Activated::Wrong => page(&TokenPage { errors: wrong, ..again }),
        Activated::ClockOff { minutes } => {
            page(&TokenPage { errors: wrong, clock_off_minutes: Some(minutes), ..again })
        }
        Activated::TooMany { until } => {
            let errors = flow::paused(&user.zone(), until, core.clock.now());
            flow::too_many(&TokenPage { errors, ..again }, until, core.clock.now())
        }
    }
}
