//! **Jobs**: long work, how far it is, what became of each person.

pub mod plan;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::jobs::{self, results};
use crate::error::AppError;
use crate::models::job_items::JobItem;
use crate::models::jobs::Job;
use crate::models::{ItemState, JobKind, JobState};
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other, table};
use crate::web::view::{Badge, Frame, Kind};
use crate::web::visitor::Said;

const HERE: &str = "/admin/jobs";
/// Seconds until the page of a job that is not done loads itself again.
const REFRESH: u32 = 3;

/// GET /admin/jobs.
#[derive(Template, Default)]
#[template(path = "admin/jobs/list.html")]
pub struct JobsPage {
    pub frame: Frame,
    pub jobs: Vec<Line>,
    pub older: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub id: String,
    pub title: String,
    pub state: Badge,
    pub begun: String,
    /// "47 of 50 done, 3 failed".
    pub progress: String,
}

#[derive(Deserialize)]
pub struct Paging {
    before: Option<String>,
}

/// GET /admin/jobs.
pub async fn list(admin: OrgAdmin, paging: web::Query<Paging>) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let (found, older) = jobs::list(core, &admin.actor, paging.into_inner().before).await?;
    let (zone, now) = (admin.zone(), core.clock.now());
    let line = |job: Job| Line {
        state: state(&job),
        begun: zone.day_and_time(job.created_at, now),
        progress: progress(&job),
        id: job.id,
        title: job.title,
    };
    page(&JobsPage {
        frame: admin.frame(HERE),
        jobs: found.into_iter().map(line).collect(),
        older: older.map(|id| format!("{HERE}?before={id}")),
    })
}

fn state(job: &Job) -> Badge {
    match job.state {
        JobState::Planned => Badge::new(Kind::Info, "Not confirmed"),
        JobState::Queued => Badge::new(Kind::Info, "Waiting"),
        JobState::Running => Badge::new(Kind::Info, "Running"),
        JobState::Stopped => Badge::new(Kind::Bad, "Stopped"),
        JobState::Done if job.failed > 0 => Badge::new(Kind::Warn, "Done, some failed"),
        JobState::Done => Badge::new(Kind::Ok, "Done"),
    }
}

fn progress(job: &Job) -> String {
    let mut words = format!("{} of {} done", job.succeeded, job.total);
    if job.skipped > 0 {
        words.push_str(&format!(", {} skipped", job.skipped));
    }
    if job.failed > 0 {
        words.push_str(&format!(", {} failed", job.failed));
    }
    words
}

/// GET /admin/jobs/{id}. Posts to /admin/jobs/{id}/retry, /stop and /results.
#[derive(Template, Default)]
#[template(path = "admin/jobs/job.html")]
pub struct JobPage {
    pub frame: Frame,
    pub id: String,
    pub title: String,
    pub state: Option<Badge>,
    pub stopped_why: Option<String>,
    pub begun: String,
    pub ended: Option<String>,
    pub total: i64,
    pub succeeded: i64,
    pub skipped: i64,
    pub failed: i64,
    /// How many have been looked at.
    pub settled: i64,
    /// "reset" or "invited".
    pub verb: &'static str,
    /// Seconds, while it is not done.
    pub refresh: Option<u32>,
    pub items: Vec<ItemLine>,
    /// The filter that is chosen.
    pub only: String,
    pub next: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ItemLine {
    pub number: i64,
    pub label: String,
    /// Where the user can be looked at.
    pub user_id: Option<String>,
    pub state: Badge,
    pub reason: String,
}

#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    only: String,
    #[serde(default)]
    after: i64,
}

/// GET /admin/jobs/{id}: `only`, `after`.
pub async fn show(
    admin: OrgAdmin,
    id: web::Path<String>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let only = ItemState::parse(&filter.only);
    let found = results::view(core, &admin.actor, &id, only, filter.after).await?.ok_or(AppError::NotFound)?;
    if found.job.state == JobState::Planned {
        return Ok(see_other(&format!("{HERE}/{id}/confirm")));
    }
    let (zone, now, job) = (admin.zone(), core.clock.now(), found.job);
    let open = matches!(job.state, JobState::Queued | JobState::Running);
    let only = only.map(ItemState::as_str).unwrap_or_default();
    page(&JobPage {
        frame: admin.frame(HERE),
        state: Some(state(&job)),
        begun: zone.day_and_time(job.created_at, now),
        ended: job.finished_at.map(|at| zone.day_and_time(at, now)),
        total: job.total,
        succeeded: job.succeeded,
        skipped: job.skipped,
        failed: job.failed,
        settled: job.succeeded + job.skipped + job.failed,
        verb: if job.kind == JobKind::Import { "invited" } else { "reset" },
        refresh: open.then_some(REFRESH),
        items: found.items.into_iter().map(|item| item_line(item, job.kind)).collect(),
        only: only.into(),
        next: found.next.map(|after| format!("{HERE}/{}?only={only}&after={after}", job.id)),
        id: job.id,
        title: job.title,
        stopped_why: job.stopped_why,
    })
}

fn item_line(item: JobItem, kind: JobKind) -> ItemLine {
    let state = match item.state {
        ItemState::Waiting => Badge::new(Kind::Info, "Waiting"),
        ItemState::Succeeded if kind == JobKind::Import => Badge::new(Kind::Ok, "Invited"),
        ItemState::Succeeded => Badge::new(Kind::Ok, "Reset"),
        ItemState::Skipped => Badge::new(Kind::Warn, "Skipped"),
        ItemState::Failed => Badge::new(Kind::Bad, "Failed"),
    };
    // Where somebody who was invited has an account elsewhere, the link would tell.
    let user_id = item.subject_id.filter(|_| kind == JobKind::Reset);
    ItemLine { number: item.position, label: item.label, user_id, state, reason: item.reason.unwrap_or_default() }
}

/// POST /admin/jobs/{id}/stop.
pub async fn stop(admin: FreshOrgAdmin, id: web::Path<String>, _: OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    if jobs::stop(&visitor.app.core, &admin.actor, &id, &visitor.origin).await?.ok_or(AppError::NotFound)? {
        visitor.flash(Said::JobStopped);
    }
    Ok(see_other(&format!("{HERE}/{id}")))
}

/// POST /admin/jobs/{id}/retry.
pub async fn retry(admin: FreshOrgAdmin, id: web::Path<String>, _: OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    if jobs::retry(&visitor.app.core, &admin.actor, &id, &visitor.origin).await?.ok_or(AppError::NotFound)? {
        visitor.flash(Said::JobRetried);
    }
    Ok(see_other(&format!("{HERE}/{id}")))
}

/// POST /admin/jobs/{id}/results.
pub async fn download(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    let csv = results::table(&visitor.app.core, &admin.actor, &id, &visitor.origin).await?;
    csv.map(|csv| table("job.csv", csv)).ok_or(AppError::NotFound)
}
