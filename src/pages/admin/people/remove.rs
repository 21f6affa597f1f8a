//! Removing a user from the organization acted in: what goes and what stays, then one button.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{organization, words};
use crate::domain::people::removal::{self, Consequence};
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, count};
use crate::web::visitor::Said;

/// GET and POST /admin/users/{id}/remove.
#[derive(Template, Default)]
#[template(path = "admin/people/remove.html")]
pub struct RemovePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub name: String,
    pub organization: String,
    /// "2 factors that count for ORG only", where there are any.
    pub factors: Option<String>,
    /// What becomes of the account, in words.
    pub account: String,
    pub refused: Option<String>,
}

async fn of(admin: &FreshOrgAdmin, id: &str) -> Result<RemovePage, AppError> {
    let (core, organization) = (&admin.visitor.app.core, organization(admin)?);
    let found = removal::preview(core, &admin.actor, organization, id).await?.ok_or(AppError::NotFound)?;
    let factors = i64::try_from(found.factors).unwrap_or(i64::MAX);
    Ok(RemovePage {
        frame: admin.frame("/admin/users"),
        id: id.to_owned(),
        name: found.target.user.full_name(),
        organization: organization.name.clone(),
        factors: (factors > 0).then(|| count(factors, "factor", "factors")),
        account: account(&found.consequence),
        refused: found.refused.as_ref().map(words).transpose()?,
        ..RemovePage::default()
    })
}

fn account(consequence: &Consequence) -> String {
    match consequence {
        Consequence::Stays => "The account stays, with its other organizations and its own factors.".into(),
        Consequence::PassesTo(name) => format!("The account stays. {name} looks after it from then on."),
        Consequence::BelongsNowhere => "This is the last organization of this user. The account stays and keeps \
             its password and its own factors, but belongs nowhere until an organization invites it."
            .into(),
        Consequence::Deleted => "The invitation was never followed, and this is the only organization of this \
             user. The account is deleted with it."
            .into(),
    }
}

/// GET /admin/users/{id}/remove.
pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&of(&admin, &id).await?)
}

/// POST /admin/users/{id}/remove.
pub async fn submit(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let again = of(&admin, &id).await?;
    let visitor = &admin.visitor;
    let organization = organization(&admin)?;
    match removal::remove(&visitor.app.core, &admin.actor, organization, &id, &visitor.origin).await? {
        Ok(_) => {
            visitor.flash(Said::UserRemoved);
            Ok(see_other("/admin/users"))
        }
        Err(refusal) => page(&RemovePage { errors: FormErrors::one("", words(&refusal)?), ..again }),
    }
}
