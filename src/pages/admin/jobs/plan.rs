//! A reset of everybody under a filter: who that is, then one button, and a job.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::directory::{Query, StatusFilter, Within};
use crate::domain::jobs::reset::{self, Parameters};
use crate::domain::jobs::{Created, results};
use crate::error::AppError;
use crate::models::{Account, JobState, Role};
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, count};
use crate::web::visitor::Said;

const LIST: &str = "/identity/users";

/// GET and POST /admin/jobs/{id}/confirm: `reason`, `confirmed` from operators.
#[derive(Template, Default)]
#[template(path = "admin/jobs/confirm.html")]
pub struct ConfirmPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub label: &'static str,
    /// "60 users".
    pub users: String,
    pub first: Vec<String>,
    /// "and 50 more".
    pub more: Option<String>,
    pub wants_reason: bool,
    pub said: Parameters,
}

/// The filter of the list, as its page had it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    #[serde(default)]
    customer: Vec<String>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    role: String,
}

/// POST /identity/users/reset-all: keeps who is under the filter at this moment; nobody is reset yet.
pub async fn choose(admin: FreshOrgAdmin, OrgForm(filter): OrgForm<Filter>) -> Result<HttpResponse, AppError> {
    let mut query = Query::within(Within::chosen(&admin.actor, &filter.customer));
    query.search = filter.q;
    query.status = StatusFilter::parse(&filter.status);
    query.account = Account::parse(&filter.account);
    query.role = Role::parse(&filter.role);
    let visitor = &admin.visitor;
    let created = reset::plan(&visitor.app.core, &admin.actor, query, &visitor.origin).await?;
    Ok(planned(&admin, created))
}

/// Where a plan leads.
pub fn planned(admin: &OrgAdmin, created: Created) -> HttpResponse {
    let said = match created {
        Created::Job(id) => return see_other(&format!("/admin/jobs/{id}/confirm")),
        Created::Nothing => Said::SelectionEmpty,
        Created::TooManyPeople => Said::SelectionTooLarge,
        Created::TooManyJobs => Said::TooManyJobs,
    };
    admin.visitor.flash(said);
    see_other(LIST)
}

async fn of(admin: &FreshOrgAdmin, id: &str) -> Result<Result<ConfirmPage, HttpResponse>, AppError> {
    let core = &admin.visitor.app.core;
    let found = results::view(core, &admin.actor, id, None, 0).await?.ok_or(AppError::NotFound)?;
    if found.job.state != JobState::Planned {
        return Ok(Err(see_other(&format!("/admin/jobs/{id}"))));
    }
    let shown: Vec<String> = found.items.into_iter().take(10).map(|item| item.label).collect();
    let more = found.job.total - i64::try_from(shown.len()).unwrap_or(i64::MAX);
    Ok(Ok(ConfirmPage {
        frame: admin.frame(LIST),
        id: id.to_owned(),
        label: reset::LABEL,
        users: count(found.job.total, "user", "users"),
        first: shown,
        more: (more > 0).then(|| format!("and {more} more")),
        wants_reason: admin.actor.is_operator(),
        ..ConfirmPage::default()
    }))
}

/// GET /admin/jobs/{id}/confirm.
pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    match of(&admin, &id).await? {
        Ok(confirm) => page(&confirm),
        Err(elsewhere) => Ok(elsewhere),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirmed: String,
}

/// POST /admin/jobs/{id}/confirm. Twice is one job.
pub async fn submit(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Confirmation>,
) -> Result<HttpResponse, AppError> {
    let again = match of(&admin, &id).await? {
        Ok(confirm) => confirm,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let said = Parameters { reason: form.reason, confirmed: form.confirmed == "yes" };
    if again.wants_reason && said.reason.trim().is_empty() {
        let errors = FormErrors::one("reason", "Enter the reason. It goes in the audit log.");
        return page(&ConfirmPage { errors, said, ..again });
    }
    if again.wants_reason && !said.confirmed {
        let words = "Confirm that no administrator of these organizations can be reached.";
        return page(&ConfirmPage { errors: FormErrors::one("confirmed", words), said, ..again });
    }
    let visitor = &admin.visitor;
    match reset::confirm(&visitor.app.core, &admin.actor, &id, said, &visitor.origin).await? {
        true => Ok(see_other(&format!("/admin/jobs/{id}"))),
        false => Err(AppError::NotFound),
    }
}
