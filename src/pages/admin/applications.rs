//! **Applications**: the links on the Home page of an organization's people.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::applications::{self, Details, Problem, Saved};
use crate::error::AppError;
use crate::web::administration::{FreshOrgOwner, OrgAdmin, OrgOwner};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

const PLACE: &str = "/admin/applications";

/// GET /admin/applications.
#[derive(Template, Default)]
#[template(path = "admin/applications/list.html")]
pub struct ApplicationsPage {
    pub frame: Frame,
    pub organization: String,
    pub applications: Vec<ApplicationLine>,
}

#[derive(Clone, Debug)]
pub struct ApplicationLine {
    pub id: String,
    pub name: String,
    pub url: String,
    pub description: String,
    pub position: i64,
}

/// GET /admin/applications.
pub async fn list(admin: OrgOwner) -> Result<HttpResponse, AppError> {
    let rows = applications::list(&admin.visitor.app.core, organization_id(&admin)?).await?;
    let line = |row: crate::models::organizations::Application| ApplicationLine {
        id: row.id,
        name: row.name,
        url: row.url,
        description: row.description,
        position: row.position,
    };
    let organization = admin.actor.organization.as_ref().map(|o| o.name.clone()).unwrap_or_default();
    page(&ApplicationsPage {
        frame: admin.frame(PLACE),
        organization,
        applications: rows.into_iter().map(line).collect(),
    })
}

/// The organization whose links these are. An operator may be in none.
fn organization_id(admin: &OrgAdmin) -> Result<&str, AppError> {
    let none = "You are in no organization. Choose one with Switch organization, then open this page again.";
    admin.actor.organization_id().ok_or(AppError::Conflict(none))
}

/// GET /admin/applications/new and /admin/applications/{id}. Posts `name`, `url`, `description` and
/// `position` to the same; the second also to …/remove.
#[derive(Template, Default)]
#[template(path = "admin/applications/one.html")]
pub struct ApplicationPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// There already, or else a new one.
    pub id: Option<String>,
    pub details: Details,
}

/// GET /admin/applications/new.
pub async fn new(admin: FreshOrgOwner) -> Result<HttpResponse, AppError> {
    let rows = applications::list(&admin.visitor.app.core, organization_id(&admin)?).await?;
    let last = rows.iter().map(|row| row.position).max().unwrap_or(0);
    let details = Details { position: (last + 1).to_string(), ..Details::default() };
    page(&ApplicationPage { frame: admin.frame(PLACE), details, ..ApplicationPage::default() })
}

/// GET /admin/applications/{id}.
pub async fn show(admin: FreshOrgOwner, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let rows = applications::list(&admin.visitor.app.core, organization_id(&admin)?).await?;
    let row = rows.into_iter().find(|row| row.id == *id).ok_or(AppError::NotFound)?;
    let details =
        Details { name: row.name, url: row.url, description: row.description, position: row.position.to_string() };
    page(&ApplicationPage { frame: admin.frame(PLACE), id: Some(row.id), details, ..ApplicationPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    name: String,
    url: String,
    description: String,
    position: String,
}

/// POST /admin/applications/new.
pub async fn create(admin: FreshOrgOwner, OrgForm(form): OrgForm<Typed>) -> Result<HttpResponse, AppError> {
    save(&admin, None, form).await
}

/// POST /admin/applications/{id}.
pub async fn edit(
    admin: FreshOrgOwner,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Typed>,
) -> Result<HttpResponse, AppError> {
    save(&admin, Some(id.into_inner()), form).await
}

async fn save(admin: &FreshOrgOwner, id: Option<String>, form: Typed) -> Result<HttpResponse, AppError> {
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    let Typed { name, url, description, position } = form;
    let details = Details { name, url, description, position };
    let who = (&admin.actor, organization_id(admin)?);
    let problems = match applications::save(core, who, id.as_deref(), &details, origin).await? {
        Saved::Done => {
            admin.visitor.flash(Said::ApplicationsSaved);
            return Ok(see_other(PLACE));
        }
        Saved::NotFound => return Err(AppError::NotFound),
        Saved::TooMany => {
            return Err(AppError::Conflict("There are 50 links, as many as Home shows. Remove one first."));
        }
        Saved::Problems(problems) => problems,
    };
    let mut errors = FormErrors::default();
    problems.into_iter().map(words).for_each(|(field, message)| errors.add(field, message));
    page(&ApplicationPage { frame: admin.frame(PLACE), errors, id, details })
}

fn words(problem: Problem) -> (&'static str, &'static str) {
    match problem {
        Problem::NoName => ("name", "Enter a name."),
        Problem::NameTooLong => ("name", "Use at most 100 characters."),
        Problem::DescriptionTooLong => ("description", "Use at most 100 characters."),
        Problem::Url => ("url", "Enter an address that begins with https://, such as https://claims.example.org/."),
        Problem::Position => ("position", "Enter a number from 1 to 999."),
    }
}

/// POST /admin/applications/{id}/remove.
pub async fn remove(
    admin: FreshOrgOwner,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let (core, who) = (&admin.visitor.app.core, (&admin.actor, organization_id(&admin)?));
    if !applications::remove(core, who, &id, &admin.visitor.origin).await? {
        return Err(AppError::NotFound);
    }
    admin.visitor.flash(Said::ApplicationsSaved);
    Ok(see_other(PLACE))
}
