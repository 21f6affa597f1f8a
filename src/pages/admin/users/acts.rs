//! Unlock, disable, enable, sign out, change a role.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::edit::{self, Tab};
use super::{acting, find};
use crate::domain::users::acts::{self, Act, Acted};
use crate::error::AppError;
use crate::models::Role;
use crate::pages::admin::resets::why_words;
use crate::web::administration::{FreshOrgAdmin, FreshOrgOwner, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::FormErrors;
use crate::web::visitor::Said;

/// POST /admin/users/{id}/unlock.
pub async fn unlock(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    act(&admin, &id, Act::Unlock, Said::UserUnlocked).await
}

/// POST /admin/users/{id}/disable.
pub async fn disable(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    act(&admin, &id, Act::Disable, Said::UserDisabled).await
}

/// POST /admin/users/{id}/enable.
pub async fn enable(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    act(&admin, &id, Act::Enable, Said::UserEnabled).await
}

/// POST /admin/users/{id}/sign-out.
pub async fn sign_out(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    act(&admin, &id, Act::EndSessions, Said::UserSignedOut).await
}

/// POST /admin/users/{id}/domain-accounts/remove.
pub async fn remove_domain_accounts(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    act(&admin, &id, Act::RemoveDomainAccounts, Said::UserDomainRemoved).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    role: Role,
}

/// POST /admin/users/{id}/role: `role`. Account Holders alone.
pub async fn role(
    owner: FreshOrgOwner,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Chosen>,
) -> Result<HttpResponse, AppError> {
    if owner.actor.role != Some(Role::Owner) {
        return Err(AppError::Forbidden);
    }
    act(&owner, &id, Act::SetRole { to: form.role }, Said::RoleChanged).await
}

/// Who does not manage the account ended what is theirs, and is told of no more.
fn within(said: Said, managed: bool) -> Said {
    match said {
        Said::UserDisabled if !managed => Said::UserDisabledHere,
        Said::UserSignedOut if !managed => Said::UserSignedOutHere,
        said => said,
    }
}

/// Does it; a refusal stands on the page it was asked for on.
async fn act(admin: &OrgAdmin, id: &str, act: Act, said: Said) -> Result<HttpResponse, AppError> {
    let person = find(admin, id).await?;
    let (visitor, actor) = (&admin.visitor, acting(admin, &person));
    let acted = acts::act(&visitor.app.core, &actor, id, act, &visitor.origin).await?.ok_or(AppError::NotFound)?;
    match acted {
        Acted::Done => visitor.flash(within(said, person.managed)),
        Acted::Unchanged => visitor.flash(Said::NothingChanged),
        Acted::Refused(why) => {
            let managed_by = person.managing.as_ref().map(|o| o.name.as_str());
            let why = format!("{} {}", person.user.full_name(), why_words(why, managed_by));
            return page(&edit::of(admin, &person, Tab::Summary, FormErrors::one("", why)).await?);
        }
    }
    Ok(see_other(&format!("/admin/users/{}", person.user.id)))
}
