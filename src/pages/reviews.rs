//! **Reviews**: identity checks on which the name is not the account's, and what administrators decide.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::limits::REASON_LENGTH;
use crate::domain::mfa_reset::Refusal;
use crate::domain::self_reset::reviews::{self, Decided, Decision, Line, Review};
use crate::error::AppError;
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

const PLACE: &str = "/admin/reviews";

/// One line of the list.
pub struct ReviewLine {
    pub id: String,
    pub name: String,
    pub username: String,
    pub managed_by: String,
    pub asked: String,
    pub until: String,
    pub score: i64,
    /// Why the reader may not decide, if so.
    pub refusal: Option<&'static str>,
}

/// GET /admin/reviews?after=.
#[derive(Template, Default)]
#[template(path = "reviews/list.html")]
pub struct ListPage {
    pub frame: Frame,
    pub lines: Vec<ReviewLine>,
    /// The id behind which the next page begins.
    pub after: Option<String>,
    /// Not the first page.
    pub further: bool,
}

#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
}

/// GET /admin/reviews.
pub async fn list(admin: OrgAdmin, from: web::Query<From>) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let after = from.into_inner().after.unwrap_or_default();
    let found = reviews::list(core, &admin.actor, &after).await?;
    let lines = found.lines.into_iter().map(|line| shown(&admin, &line)).collect();
    page(&ListPage { frame: admin.frame(PLACE), lines, after: found.after, further: !after.is_empty() })
}

fn shown(admin: &OrgAdmin, line: &Line) -> ReviewLine {
    let (zone, now) = (admin.zone(), admin.visitor.app.core.clock.now());
    ReviewLine {
        id: line.request.id.clone(),
        name: line.user.full_name(),
        username: line.user.username.clone(),
        managed_by: line.managed_by.clone().unwrap_or_default(),
        asked: zone.day_and_time(line.request.created_at, now),
        until: zone.day_and_time(line.request.expires_at, now),
        score: line.request.score.unwrap_or_default(),
        refusal: line.refusal.map(words),
    }
}

fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Oneself => "This is your own request. Another administrator or an operator decides.",
        _ => "This person holds a higher role than you. An account holder or an operator decides.",
    }
}

/// GET /admin/reviews/{id}. Posts `note` and `nobody_else` to /approve and /refuse.
#[derive(Template)]
#[template(path = "reviews/review.html")]
pub struct ReviewPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub line: ReviewLine,
    pub account_name: String,
    pub email: String,
    pub document_name: String,
    pub reasons: Vec<String>,
    pub wants_confirmation: bool,
    pub how: String,
    pub reason: String,
    pub nobody_else: bool,
}

/// GET /admin/reviews/{id}.
pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let review = reviews::find(&admin.visitor.app.core, &admin.actor, &id).await?.ok_or(AppError::NotFound)?;
    page(&blank(&admin, review))
}

fn blank(admin: &OrgAdmin, review: Review) -> ReviewPage {
    let (first, last) = &review.document;
    ReviewPage {
        frame: admin.frame(PLACE),
        errors: FormErrors::default(),
        line: shown(admin, &review.line),
        account_name: review.line.user.full_name(),
        email: review.line.user.email.clone(),
        document_name: format!("{first} {last}").trim().to_owned(),
        reasons: review.reasons,
        wants_confirmation: review.wants_confirmation,
        how: String::new(),
        reason: String::new(),
        nobody_else: false,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    how: String,
    nobody_else: Option<String>,
}

/// POST /admin/reviews/{id}/approve: **Approve**.
pub async fn approve(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Approval>,
) -> Result<HttpResponse, AppError> {
    decide(&admin, &id, Decision { approve: true, note: form.how, nobody_else: form.nobody_else.is_some() }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    reason: String,
    nobody_else: Option<String>,
}

/// POST /admin/reviews/{id}/refuse: **Refuse**.
pub async fn refuse(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Refused>,
) -> Result<HttpResponse, AppError> {
    decide(&admin, &id, Decision { approve: false, note: form.reason, nobody_else: form.nobody_else.is_some() }).await
}

async fn decide(admin: &OrgAdmin, id: &str, decision: Decision) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let (field, text) = if decision.approve {
        ("how", "Say how you made sure who it is, in ten characters or more.")
    } else {
        ("reason", "Say why, in ten characters or more. The person reads it.")
    };
    let (approve, note, nobody_else) = (decision.approve, decision.note.clone(), decision.nobody_else);
    let errors = match reviews::decide(core, &admin.actor, id, decision, &admin.visitor.origin).await? {
        Decided::Done => {
            admin.visitor.flash(Said::ReviewDecided);
            return Ok(see_other(PLACE));
        }
        Decided::Unknown => return Err(AppError::NotFound),
        Decided::Refused(_) => return Err(AppError::Forbidden),
        Decided::Gone => return Err(AppError::Conflict("Somebody else has decided, or the request has ended.")),
        Decided::NoteWanted => FormErrors::one(field, text),
        Decided::NoteTooLong => FormErrors::one(field, format!("Enter at most {REASON_LENGTH} characters.")),
        Decided::ConfirmationWanted => {
            FormErrors::one("nobody_else", "Confirm that no administrator of the organization can be reached.")
        }
    };
    let review = reviews::find(core, &admin.actor, id).await?.ok_or(AppError::NotFound)?;
    let again = ReviewPage { errors, nobody_else, ..blank(admin, review) };
    page(&if approve { ReviewPage { how: note, ..again } } else { ReviewPage { reason: note, ..again } })
}
