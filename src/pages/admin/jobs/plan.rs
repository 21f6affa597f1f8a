//! A reset of everybody under a filter: who that is, then one button, and a job.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::directory::{Query, StatusFilter, Within};
use crate::domain::jobs::Created;
use crate::domain::jobs::preview::{self, Group, Preview, Why};
use crate::domain::jobs::reset::{self, Parameters};
use crate::domain::mfa_reset;
use crate::error::AppError;
use crate::models::{Account, Role};
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
    /// "60 users": all who were chosen.
    pub chosen: String,
    /// "47 users": those who would be reset.
    pub going: String,
    pub nobody: bool,
    pub first: Vec<String>,
    /// "and 37 more".
    pub more: Option<String>,
    pub customers: Vec<Line>,
    /// "48 authenticator apps".
    pub removed: Vec<String>,
    /// "3 hardware tokens".
    pub deactivated: Option<String>,
    pub set_up: String,
    /// "13 users".
    pub left_out: Option<String>,
    pub skipped: Vec<Skipped>,
    pub wants_reason: bool,
    pub said: Parameters,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    /// "20 users".
    pub users: String,
}

/// Those who are left out for one reason.
#[derive(Clone, Debug)]
pub struct Skipped {
    pub users: String,
    pub why: &'static str,
    pub first: Vec<String>,
    pub more: Option<String>,
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
    let (job, preview) = preview::preview(core, &admin.actor, id).await?.ok_or(AppError::NotFound)?;
    let Some(Preview { going, customers, removal, set_up, skipped }) = preview else {
        return Ok(Err(see_other(&format!("/admin/jobs/{id}"))));
    };
    let left_out: usize = skipped.values().map(|group| group.many).sum();
    Ok(Ok(ConfirmPage {
        frame: admin.frame(LIST),
        id: id.to_owned(),
        label: reset::LABEL,
        chosen: count(job.total, "user", "users"),
        nobody: going.many == 0,
        more: more(&going),
        going: users(going.many),
        first: going.first,
        customers: customers.into_iter().map(|(name, many)| Line { name, users: users(many) }).collect(),
        removed: removal.deleted_words(),
        deactivated: removal.deactivated_words(),
        set_up: match set_up {
            0 => "Nobody has to set anything up at the next sign-in for the organizations you administer.".into(),
            1 => "1 user must set up a factor again at the next sign-in.".into(),
            many => format!("{many} users must set up a factor again at the next sign-in."),
        },
        left_out: (left_out > 0).then(|| users(left_out)),
        skipped: skipped.into_iter().map(|(why, group)| left(why, group)).collect(),
        wants_reason: admin.actor.is_operator(),
        ..ConfirmPage::default()
    }))
}

fn users(many: usize) -> String {
    count(i64::try_from(many).unwrap_or(i64::MAX), "user", "users")
}

fn more(group: &Group) -> Option<String> {
    let rest = group.many - group.first.len();
    (rest > 0).then(|| format!("and {rest} more"))
}

fn left(why: Why, group: Group) -> Skipped {
    let words = match why {
        Why::Oneself => "This is you. Use Security, or reset your own factors at /mfa/reset.",
        Why::HigherRole => "A higher role than yours.",
        Why::ManagedElsewhere => "Managed by another organization.",
        Why::LastOwner => "The only active Account Holder.",
        Why::Nothing => "There is nothing to reset.",
        Why::Gone => "Not yours to look after any more.",
    };
    Skipped { users: users(group.many), why: words, more: more(&group), first: group.first }
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
    if mfa_reset::is_too_long(&said.reason) {
        let errors = FormErrors::one("reason", mfa_reset::reason_too_long());
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
