//! **Invite the first Account Holder** of a customer.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::PLACE;
use crate::domain::organizations;
use crate::domain::organizations::owner::{self, Invited};
use crate::domain::registration::details::Details;
use crate::error::AppError;
use crate::web::administration::{FreshOrgOwner, OrgAdmin};
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /admin/customers/{id}/owner: `username`, `email`, `first_name`, `last_name`.
#[derive(Template, Default)]
#[template(path = "admin/customers/owner.html")]
pub struct OwnerPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub organization: String,
    pub typed: Details,
}

async fn blank(admin: &OrgAdmin, id: &str) -> Result<OwnerPage, AppError> {
    let found = organizations::find(&admin.visitor.app.core, &admin.actor, id).await?;
    let found = found.filter(|shown| shown.organization.disabled_at.is_none()).ok_or(AppError::NotFound)?;
    if found.owned {
        return Err(AppError::Conflict("This organization has an Account Holder, who invites everybody else."));
    }
    let organization = found.organization.name;
    Ok(OwnerPage { frame: admin.frame(PLACE), id: id.to_owned(), organization, ..OwnerPage::default() })
}

/// GET /admin/customers/{id}/owner.
pub async fn show(admin: FreshOrgOwner, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&blank(&admin, &id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    username: String,
    first_name: String,
    last_name: String,
    email: String,
}

impl From<Typed> for Details {
    fn from(typed: Typed) -> Self {
        Self {
            username: typed.username,
            first_name: typed.first_name,
            last_name: typed.last_name,
            confirm_email: typed.email.clone(),
            email: typed.email,
            ..Self::default()
        }
    }
}

/// POST /admin/customers/{id}/owner.
pub async fn submit(
    admin: FreshOrgOwner,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Typed>,
) -> Result<HttpResponse, AppError> {
    let again = OwnerPage { typed: form.into(), ..blank(&admin, &id).await? };
    let visitor = &admin.visitor;
    let errors = match owner::invite(&visitor.app.core, &admin.actor, &id, &again.typed, &visitor.origin).await? {
        Invited::Sent => {
            visitor.flash(Said::Invited);
            return Ok(see_other(&format!("{PLACE}/{id}")));
        }
        Invited::NotFound => return Err(AppError::NotFound),
        Invited::HasOwner => return Err(AppError::Conflict("Somebody else has become Account Holder meanwhile.")),
        Invited::AlreadyHere => {
            FormErrors::one("email", format!("Somebody with this address belongs to {} already.", again.organization))
        }
        Invited::TooMany => FormErrors::one("email", "Several e-mails went to this address already. Wait an hour."),
        Invited::Problems(problems) => problems.into_iter().fold(FormErrors::default(), |mut all, (field, message)| {
            all.add(field, message);
            all
        }),
    };
    page(&OwnerPage { errors, ..again })
}
