//! **Terms of Use Agreement**.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::registration::Steps;
use super::sign_in::flow;
use crate::domain::registration::factor;
use crate::domain::registration::terms::{self, Accepted};
use crate::error::AppError;
use crate::models::{Account, Stage};
use crate::web::form::Form;
use crate::web::registering::AtTerms;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /terms: `agree` (1).
#[derive(Template)]
#[template(path = "terms/terms.html")]
pub struct TermsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// At the end of a registration only.
    pub steps: Option<Steps>,
    pub version: String,
    pub paragraphs: Vec<String>,
    /// Signed in already when the version changed: the way out is Sign out, not Cancel.
    pub signed_in: bool,
}

async fn blank(at: &AtTerms) -> Result<TermsPage, AppError> {
    let core = &at.visitor.app.core;
    let steps = if at.access.user.account == Account::Unfinished {
        Some(Steps::at_terms(factor::chosen(core, &at.access.user.id).await?))
    } else {
        None
    };
    let text = core.settings.terms.replace("\r\n", "\n");
    Ok(TermsPage {
        frame: at.visitor.frame(),
        errors: FormErrors::default(),
        steps,
        version: core.settings.terms_version.clone(),
        paragraphs: text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect(),
        signed_in: at.session.stage == Stage::SignedIn,
    })
}

/// GET /terms.
pub async fn show(at: AtTerms) -> Result<HttpResponse, AppError> {
    page(&blank(&at).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    agree: Option<String>,
}

/// POST /terms: **CONTINUE**.
pub async fn submit(at: AtTerms, Form(form): Form<Agreed>) -> Result<HttpResponse, AppError> {
    if form.agree.is_none() {
        let errors = FormErrors::one("agree", "Check the box to go on.");
        return page(&TermsPage { errors, ..blank(&at).await? });
    }
    let AtTerms { visitor, session, access } = at;
    let device = flow::device(&visitor);
    match terms::accept(&visitor.app.core, &session, access, device.clone(), &visitor.origin).await? {
        Accepted::On(passed) => flow::go_on(&visitor, &passed, &device),
        Accepted::Stays => Ok(see_other("/home")),
        Accepted::ByDomain => Ok(flow::start_over(&visitor, Said::ByDomainOnly)),
    }
}
