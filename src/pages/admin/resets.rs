//! A reset of people chosen from a list: the summary, and after it the receipt, at one address. A reset of
//! one person has its receipt here too.

mod receipt;
mod summary;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use self::summary::SummaryPage;
pub use self::summary::{Said, why_words};
use crate::domain::jobs::reset;
use crate::domain::limits::AT_ONCE;
use crate::domain::mfa_reset;
use crate::domain::mfa_reset::plan::{self, CarriedOut, Planned};
use crate::error::AppError;
use crate::models::ResetScope;
use crate::pages::admin::jobs::plan::planned;
use crate::pages::people::{Asked, List};
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::FormErrors;
use crate::web::visitor::Said as Flashed;

const RESET_ALL: &str = "Reset all multi-factor authentications";

/// Those who were checked; one who was checked twice counts once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    #[serde(default)]
    user_id: Vec<String>,
    /// The list as it was filtered, path and query.
    #[serde(default)]
    asked: String,
}

/// Keeps a selection and leads to its summary. Somebody in it who is not theirs: nothing is kept.
pub async fn choose(admin: &OrgAdmin, form: Selection, list: List) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    if form.user_id.is_empty() {
        visitor.flash(Flashed::NobodySelected);
        let query = form.asked.split_once('?').map_or("", |(_, query)| query);
        let asked = Asked::parse(query);
        return Ok(see_other(&asked.url(list.url(), asked.after.as_ref())));
    }
    let core = &visitor.app.core;
    if form.user_id.len() > AT_ONCE {
        let created = reset::plan_chosen(core, &admin.actor, &form.user_id, &visitor.origin).await?;
        return created.map(|created| planned(admin, created)).ok_or(AppError::NotFound);
    }
    let kept = plan::keep(core, &admin.actor, &form.user_id, ResetScope::All, RESET_ALL, &visitor.origin).await?;
    let reference = kept.ok_or(AppError::NotFound)?;
    Ok(see_other(&format!("/admin/resets/{reference}")))
}

/// What is said with a confirmation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirmed: String,
}

/// GET /admin/resets/{reference}: the summary of what is not done yet, or the receipt.
pub async fn show(admin: FreshOrgAdmin, reference: web::Path<String>) -> Result<HttpResponse, AppError> {
    let planned = find(&admin, &reference).await?;
    if planned.is_new() {
        return page(&SummaryPage::of(&admin, &planned, Said::default(), FormErrors::default()).await?);
    }
    page(&receipt::ReceiptPage::of(&admin, &planned))
}

/// POST /admin/resets/{reference}: does it, or what is left of it.
pub async fn carry_out(
    admin: FreshOrgAdmin,
    reference: web::Path<String>,
    OrgForm(form): OrgForm<Confirmation>,
) -> Result<HttpResponse, AppError> {
    let planned = find(&admin, &reference).await?;
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    let said = (form.reason.clone(), form.confirmed == "yes");
    let wanted = match plan::carry_out(core, &admin.actor, &planned, said, origin).await? {
        CarriedOut::Done => return Ok(see_other(&format!("/admin/resets/{reference}"))),
        CarriedOut::ReasonWanted => FormErrors::one("reason", "Enter the reason. It goes in the audit log."),
        CarriedOut::ReasonTooLong => FormErrors::one("reason", mfa_reset::reason_too_long()),
        CarriedOut::ConfirmationWanted => {
            FormErrors::one("confirmed", "Confirm that no administrator of the organization can be reached.")
        }
    };
    let typed = Said { reason: form.reason, confirmed: form.confirmed == "yes" };
    page(&SummaryPage::of(&admin, &planned, typed, wanted).await?)
}

async fn find(admin: &OrgAdmin, reference: &str) -> Result<Planned, AppError> {
    plan::find(&admin.visitor.app.core, &admin.actor, reference).await?.ok_or(AppError::NotFound)
}
