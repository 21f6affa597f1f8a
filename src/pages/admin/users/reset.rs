//! The page that asks before a reset, and does it. The pop-up on Edit User is a short cut to the same POST.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::button::Button;
use super::lines::What;
use super::{acting, find};
use crate::domain::mfa_reset::{self, Refusals, Request, Verdict};
use crate::domain::users::Person;
use crate::error::AppError;
use crate::models::ResetScope;
use crate::pages::admin::resets::{Said, why_words};
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};

/// GET /admin/users/{id}/reset: `scope`, `from`. Posts both back, and from operators `reason` and
/// `confirmed`.
#[derive(Template)]
#[template(path = "admin/users/reset.html")]
pub struct ResetPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub user_id: String,
    pub name: String,
    pub button: Button,
    pub back: String,
    /// Why it is not possible.
    pub refused: Option<String>,
    /// Nothing, where there is nothing to reset.
    pub what: Option<What>,
    pub wants_reason: bool,
    pub wants_confirmation: bool,
    pub said: Said,
}

/// Which button.
#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    scope: String,
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    scope: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirmed: String,
}

pub async fn show(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    pressed: web::Query<Pressed>,
) -> Result<HttpResponse, AppError> {
    let person = find(&admin, &id).await?;
    let button = Button::of(&pressed.scope, &pressed.from).ok_or(AppError::NotFound)?;
    page(&confirm(&admin, &person, button, Said::default(), FormErrors::default()).await?)
}

/// POST /admin/users/{id}/reset.
pub async fn submit(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Confirmed>,
) -> Result<HttpResponse, AppError> {
    let person = find(&admin, &id).await?;
    let button = Button::of(&form.scope, &form.from).ok_or(AppError::NotFound)?;
    let request = Request {
        user_ids: vec![person.user.id.clone()],
        scope: button.scope,
        label: button.label.into(),
        reason: form.reason.clone(),
        operator_confirmed: form.confirmed == "yes",
    };
    let (core, actor) = (&admin.visitor.app.core, acting(&admin, &person));
    let wanted = match mfa_reset::reset(core, &actor, request, &admin.visitor.origin).await? {
        Ok(receipt) => return Ok(see_other(&format!("/admin/resets/{}", receipt.reference))),
        Err(Refusals::People { refused, .. }) if refused.is_empty() => return Err(AppError::NotFound),
        Err(Refusals::People { .. }) => FormErrors::default(),
        Err(Refusals::ReasonWanted) => FormErrors::one("reason", "Enter the reason. It goes in the audit log."),
        Err(Refusals::ReasonTooLong) => FormErrors::one("reason", mfa_reset::reason_too_long()),
        Err(Refusals::ConfirmationWanted) => {
            FormErrors::one("confirmed", "Confirm that no administrator of the organization can be reached.")
        }
    };
    let said = Said { reason: form.reason, confirmed: form.confirmed == "yes" };
    page(&confirm(&admin, &person, button, said, wanted).await?)
}

async fn confirm(
    admin: &FreshOrgAdmin,
    person: &Person,
    button: Button,
    said: Said,
    errors: FormErrors,
) -> Result<ResetPage, AppError> {
    let (core, actor) = (&admin.visitor.app.core, acting(admin, person));
    let ids = [person.user.id.clone()];
    let previewed = mfa_reset::preview(core, &actor, &ids, button.scope).await?;
    let preview = previewed.people.first().filter(|p| p.verdict != Verdict::Unknown).ok_or(AppError::NotFound)?;
    let organization = actor.organization.filter(|_| button.scope == ResetScope::Organization).map(|o| o.name);
    let (refused, what) = match &preview.verdict {
        Verdict::Refused(why) => (Some(why_words(*why, preview.managed_by.as_deref())), None),
        Verdict::Go(removal) if !removal.is_empty() => {
            (None, Some(What::of(preview.name.clone(), removal, organization)))
        }
        _ => (None, None),
    };
    Ok(ResetPage {
        frame: admin.frame(button.place()),
        errors,
        back: button.back(&person.user.id),
        user_id: person.user.id.clone(),
        name: preview.name.clone(),
        button,
        refused,
        what,
        wants_reason: previewed.wants_reason,
        wants_confirmation: previewed.wants_confirmation,
        said,
    })
}
