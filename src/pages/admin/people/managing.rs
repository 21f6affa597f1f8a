//! Handing an account over to another organization that its user belongs to.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::domain::people::{edit, managing};
use crate::error::AppError;
use crate::web::administration::FreshOrgOwner;
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /admin/users/{id}/managing: `to`.
#[derive(Template, Default)]
#[template(path = "admin/people/managing.html")]
pub struct ManagingPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub name: String,
    pub managed_by: String,
    /// Id and name of the others.
    pub others: Vec<(String, String)>,
    pub refused: Option<String>,
}

async fn of(owner: &FreshOrgOwner, id: &str) -> Result<ManagingPage, AppError> {
    let core = &owner.visitor.app.core;
    let found = edit::load(core, &owner.actor, id).await?.ok_or(AppError::NotFound)?;
    let target = found.target;
    let managing = target.managing().map(|o| o.id.clone());
    let others = target
        .memberships
        .iter()
        .filter(|(m, o)| m.disabled_at.is_none() && o.disabled_at.is_none() && Some(&o.id) != managing.as_ref())
        .map(|(_, o)| (o.id.clone(), o.name.clone()))
        .collect();
    Ok(ManagingPage {
        frame: owner.frame("/admin/users"),
        id: id.to_owned(),
        name: target.user.full_name(),
        managed_by: target.managing().map_or_else(|| "No organization".into(), |o| o.name.clone()),
        others,
        refused: managing::may_hand_over(&owner.actor, &target).err().as_ref().map(words).transpose()?,
        ..ManagingPage::default()
    })
}

/// GET /admin/users/{id}/managing.
pub async fn show(owner: FreshOrgOwner, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&of(&owner, &id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    to: String,
}

/// POST /admin/users/{id}/managing.
pub async fn submit(
    owner: FreshOrgOwner,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Choice>,
) -> Result<HttpResponse, AppError> {
    let again = of(&owner, &id).await?;
    if form.to.is_empty() {
        let errors = FormErrors::one("to", "Choose an organization.");
        return page(&ManagingPage { errors, ..again });
    }
    let visitor = &owner.visitor;
    match managing::hand_over(&visitor.app.core, &owner.actor, &id, &form.to, &visitor.origin).await? {
        Ok(_) => {
            visitor.flash(Said::HandedOver);
            // It may not be ours to look at any more.
            Ok(see_other("/admin/users"))
        }
        Err(refusal) => page(&ManagingPage { errors: FormErrors::one("", words(&refusal)?), ..again }),
    }
}
