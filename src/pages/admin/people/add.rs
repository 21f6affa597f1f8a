//! **Add user**: invites somebody into the organization acted in.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{errors, organization};
use crate::domain::people::invite::{self, Added, Newcomer};
use crate::domain::registration::details::Details;
use crate::error::AppError;
use crate::models::Role;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /admin/users/new: the fields of [`Typed`].
#[derive(Template, Default)]
#[template(path = "admin/people/add.html")]
pub struct AddPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub organization: String,
    /// Account holders choose a role.
    pub may_give_roles: bool,
    pub role: String,
    pub typed: Details,
}

fn blank(admin: &FreshOrgAdmin) -> Result<AddPage, AppError> {
    Ok(AddPage {
        frame: admin.frame("/admin/users"),
        organization: organization(admin)?.name.clone(),
        may_give_roles: admin.actor.is_owner(),
        role: Role::Member.as_str().into(),
        ..AddPage::default()
    })
}

/// GET /admin/users/new.
pub async fn show(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    page(&blank(&admin)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    username: String,
    first_name: String,
    last_name: String,
    email: String,
    /// Not there for those who may not choose.
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    address_1: String,
    #[serde(default)]
    address_2: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    zip_code: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    fax: String,
}

impl Typed {
    fn newcomer(self) -> Newcomer {
        let details = Details {
            username: self.username,
            first_name: self.first_name,
            last_name: self.last_name,
            address_1: self.address_1,
            address_2: self.address_2,
            city: self.city,
            state: self.state,
            zip_code: self.zip_code,
            confirm_email: self.email.clone(),
            email: self.email,
            phone: self.phone,
            fax: self.fax,
        };
        Newcomer { details, role: self.role.unwrap_or(Role::Member) }
    }
}

/// POST /admin/users/new.
pub async fn submit(admin: FreshOrgAdmin, OrgForm(form): OrgForm<Typed>) -> Result<HttpResponse, AppError> {
    let again = blank(&admin)?;
    let newcomer = form.newcomer();
    if newcomer.role > Role::Member && !admin.actor.is_owner() {
        return Err(AppError::Forbidden);
    }
    let visitor = &admin.visitor;
    let (core, organization) = (&visitor.app.core, organization(&admin)?);
    let errors = match invite::add(core, &admin.actor, organization, &newcomer, &visitor.origin).await? {
        Added::Invited { .. } => {
            visitor.flash(Said::Invited);
            return Ok(see_other("/admin/invitations"));
        }
        Added::AlreadyHere => {
            FormErrors::one("email", format!("Somebody with this address belongs to {} already.", organization.name))
        }
        Added::Problems(problems) => errors(problems),
    };
    page(&AddPage { errors, role: newcomer.role.as_str().into(), typed: newcomer.details, ..again })
}
