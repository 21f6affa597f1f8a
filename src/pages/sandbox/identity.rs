//! Identity checks that a tester plays: the name on the document, and what comes out.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::zone;
use crate::domain::sandbox::{self, Check, Play, Played};
use crate::error::AppError;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::sandbox::InSandbox;
use crate::web::view::{FormErrors, Frame};

/// GET /sandbox/identity.
#[derive(Template, Default)]
#[template(path = "sandbox/identity_list.html")]
pub struct ListPage {
    pub frame: Frame,
    /// Newest first.
    pub checks: Vec<CheckLine>,
}

#[derive(Clone, Debug)]
pub struct CheckLine {
    pub id: String,
    pub person: String,
    pub at: String,
    /// What was chosen, in words.
    pub outcome: &'static str,
    pub open: bool,
}

impl ListPage {
    fn tab(&self) -> &'static str {
        "identity"
    }
}

pub async fn list(entered: InSandbox) -> Result<HttpResponse, AppError> {
    let core = &entered.visitor.app.core;
    let now = core.clock.now();
    let line = |check: Check| CheckLine {
        person: person(&check),
        at: zone().day_and_time(check.at, now),
        open: is_open(&check),
        outcome: words(&check),
        id: check.session.id,
    };
    let checks = sandbox::checks(core).await?.into_iter().map(line).collect();
    page(&ListPage { frame: entered.visitor.frame(), checks })
}

fn person(check: &Check) -> String {
    check.user.as_ref().map(|user| user.full_name()).unwrap_or_default()
}

fn is_open(check: &Check) -> bool {
    !matches!(check.session.outcome.as_deref(), Some("verified" | "canceled"))
}

fn words(check: &Check) -> &'static str {
    match check.session.outcome.as_deref() {
        None => "Waits for you",
        Some("verified") => "Verified",
        Some("canceled") => "Canceled",
        Some(_) => "Has to be tried again",
    }
}

/// GET /sandbox/identity/{id}. Posts `outcome`, `first_name`, `last_name`, `delay_seconds` to /play.
#[derive(Template, Default)]
#[template(path = "sandbox/identity.html")]
pub struct CheckPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub person: String,
    pub outcome: String,
    pub first_name: String,
    pub last_name: String,
    pub delay_seconds: String,
    pub open: bool,
    pub words: &'static str,
}

impl CheckPage {
    fn tab(&self) -> &'static str {
        "identity"
    }
}

pub async fn show(entered: InSandbox, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&blank(&entered, &id).await?)
}

async fn blank(entered: &InSandbox, id: &str) -> Result<CheckPage, AppError> {
    let check = sandbox::check(&entered.visitor.app.core, id).await?.ok_or(AppError::NotFound)?;
    Ok(CheckPage {
        frame: entered.visitor.frame(),
        errors: FormErrors::default(),
        person: person(&check),
        open: is_open(&check),
        words: words(&check),
        outcome: "verified".into(),
        first_name: check.user.as_ref().map(|u| u.first_name.clone()).unwrap_or_default(),
        last_name: check.user.as_ref().map(|u| u.last_name.clone()).unwrap_or_default(),
        delay_seconds: "0".into(),
        id: check.session.id,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    outcome: String,
    first_name: String,
    last_name: String,
    delay_seconds: String,
}

/// POST /sandbox/identity/{id}/play; then back to where the person came from.
pub async fn play(
    entered: InSandbox,
    id: web::Path<String>,
    Form(form): Form<Chosen>,
) -> Result<HttpResponse, AppError> {
    let app = &entered.visitor.app;
    let Chosen { outcome, first_name, last_name, delay_seconds } = form;
    let chosen = Play {
        outcome: outcome.clone(),
        first_name: Some(first_name.clone()),
        last_name: Some(last_name.clone()),
        delay_seconds: delay_seconds.trim().parse().unwrap_or(-1),
    };
    if !chosen.is_possible() {
        let errors = FormErrors::one("delay_seconds", "Enter a number of seconds from 0 to 86400.");
        let again = blank(&entered, &id).await?;
        return page(&CheckPage { errors, outcome, first_name, last_name, delay_seconds, ..again });
    }
    let provider = app.identity.as_deref().ok_or(AppError::NotFound)?;
    match sandbox::play_identity(&app.core, provider, &id, chosen).await? {
        Played::Yes => Ok(see_other("/mfa/reset/return")),
        Played::Over => Ok(see_other(&format!("/sandbox/identity/{id}"))),
        Played::Unknown => Err(AppError::NotFound),
    }
}
