//! Names and profile of a user, and a new e-mail address for them.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{errors, words};
use crate::domain::people::edit::{self, Editable, Edited};
use crate::domain::people::email::{self, Proposed};
use crate::domain::people::managing;
use crate::domain::registration::details::Details;
use crate::error::AppError;
use crate::models::Account;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

/// GET and POST /admin/users/{id}/profile: the fields of [`Typed`]. POST /admin/users/{id}/email: `email`.
/// Posts to /admin/users/{id}/invite too.
#[derive(Template, Default)]
#[template(path = "admin/people/profile.html")]
pub struct ProfilePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub name: String,
    pub username: String,
    pub email: String,
    /// Proposed, and not confirmed yet.
    pub proposed: Option<String>,
    pub new_email: String,
    pub managed_by: Option<String>,
    /// Why it can only be read.
    pub refused: Option<String>,
    /// The registration is not finished, so a link can be sent again.
    pub unfinished: bool,
    pub oneself: bool,
    pub may_hand_over: bool,
    /// In the organization acted in.
    pub here: bool,
    pub typed: Details,
}

async fn of(admin: &FreshOrgAdmin, id: &str) -> Result<ProfilePage, AppError> {
    let core = &admin.visitor.app.core;
    let editable = edit::load(core, &admin.actor, id).await?.ok_or(AppError::NotFound)?;
    let refused = editable.refused.as_ref().map(words).transpose()?;
    let Editable { target, profile, proposed, .. } = editable;
    let organization = admin.actor.organization_id().unwrap_or_default();
    Ok(ProfilePage {
        frame: admin.frame("/admin/users"),
        id: target.user.id.clone(),
        name: target.user.full_name(),
        username: target.user.username.clone(),
        email: target.user.email.clone(),
        proposed,
        managed_by: target.managing().map(|o| o.name.clone()),
        refused,
        unfinished: matches!(target.user.account, Account::Invited | Account::Unfinished),
        oneself: target.user.id == admin.actor.user.id,
        may_hand_over: managing::may_hand_over(&admin.actor, &target).is_ok(),
        here: target.membership(organization).is_some(),
        typed: Details {
            first_name: target.user.first_name.clone(),
            last_name: target.user.last_name.clone(),
            address_1: profile.address_1,
            address_2: profile.address_2,
            city: profile.city,
            state: profile.state,
            zip_code: profile.zip_code,
            phone: profile.phone,
            fax: profile.fax,
            ..Details::default()
        },
        ..ProfilePage::default()
    })
}

/// GET /admin/users/{id}/profile.
pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&of(&admin, &id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    first_name: String,
    last_name: String,
    address_1: String,
    address_2: String,
    city: String,
    state: String,
    zip_code: String,
    phone: String,
    fax: String,
}

/// POST /admin/users/{id}/profile.
pub async fn save(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Typed>,
) -> Result<HttpResponse, AppError> {
    let again = of(&admin, &id).await?;
    let visitor = &admin.visitor;
    let typed = Details {
        first_name: form.first_name,
        last_name: form.last_name,
        address_1: form.address_1,
        address_2: form.address_2,
        city: form.city,
        state: form.state,
        zip_code: form.zip_code,
        phone: form.phone,
        fax: form.fax,
        ..Details::default()
    };
    let errors = match edit::edit(&visitor.app.core, &admin.actor, &id, &typed, &visitor.origin).await? {
        Edited::Done => {
            visitor.flash(Said::ProfileSaved);
            return Ok(see_other(&format!("/admin/users/{id}/profile")));
        }
        Edited::Problems(problems) => errors(problems),
        Edited::Refused(refusal) => FormErrors::one("", words(&refusal)?),
    };
    page(&ProfilePage { errors, typed, ..again })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// POST /admin/users/{id}/email.
pub async fn propose(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Address>,
) -> Result<HttpResponse, AppError> {
    let again = of(&admin, &id).await?;
    let visitor = &admin.visitor;
    let errors = match email::propose(&visitor.app.core, &admin.actor, &id, &form.email, &visitor.origin).await? {
        Proposed::Sent => {
            visitor.flash(Said::EmailProposed);
            return Ok(see_other(&format!("/admin/users/{id}/profile")));
        }
        Proposed::Problem(text) => FormErrors::one("email", text),
        Proposed::Refused(refusal) => FormErrors::one("", words(&refusal)?),
        Proposed::TooMany { until } => {
            let at = admin.zone().when(until, visitor.app.core.clock.now());
            FormErrors::one("email", format!("Several were proposed already. You can propose another one at {at}."))
        }
    };
    page(&ProfilePage { errors, new_email: form.email, ..again })
}
