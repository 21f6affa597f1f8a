//! The current organization asks for a factor that was not shown in this session: it began to want one,
//! does not allow the one that was shown any more, or wants its own.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::page_of;
use crate::domain::sign_in::step_up::{self, Lack};
use crate::error::AppError;
use crate::models::Stage;
use crate::web::form::Form;
use crate::web::guards::FactorDue;
use crate::web::respond::{page, see_other};
use crate::web::return_to;
use crate::web::view::Frame;

/// GET and POST /security/factor: `return_to`.
#[derive(Template, Default)]
#[template(path = "security/factor.html")]
pub struct FactorPage {
    pub frame: Frame,
    pub organization: String,
    pub lack: Lack,
    pub return_to: String,
    /// Whether another organization can be chosen instead.
    pub others: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    return_to: Option<String>,
}

fn back(asked: Option<String>) -> String {
    asked.and_then(|path| return_to::check(&path)).unwrap_or_else(|| page_of(Stage::SignedIn).into())
}

/// GET /security/factor.
pub async fn show(due: FactorDue, query: web::Query<Asked>) -> Result<HttpResponse, AppError> {
    let organization = due.access.current(&due.session).map(|(_, o)| o);
    let lack = step_up::lack(&due.visitor.app.core, &due.session, organization).await?;
    page(&FactorPage {
        frame: due.frame(),
        organization: organization.map(|o| o.name.clone()).unwrap_or_default(),
        lack,
        return_to: back(query.into_inner().return_to),
        others: due.access.memberships.len() > 1,
    })
}

/// POST /security/factor: on to the pages of the second step.
pub async fn submit(due: FactorDue, Form(form): Form<Asked>) -> Result<HttpResponse, AppError> {
    step_up::begin_again(&due.visitor.app.core, &due.session, &back(form.return_to)).await?;
    Ok(see_other(page_of(Stage::StepUp)))
}
