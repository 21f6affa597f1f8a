//! What a job has done so far: its page, and its table for a spreadsheet.

use crate::db::Fault;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::limits::{JOB_ITEMS, LIST_PAGE};
use crate::domain::times::rfc3339;
use crate::domain::{Core, csv};
use crate::models::ItemState;
use crate::models::job_items::{self, JobItem};
use crate::models::jobs::Job;

/// A job with one page of its people.
pub struct View {
    pub job: Job,
    pub items: Vec<JobItem>,
    /// The position the next page begins after.
    pub next: Option<i64>,
}

/// One of the actor's jobs; `None` for somebody else's and for none at all.
pub async fn view(
    core: &Core,
    actor: &Actor,
    id: &str,
    state: Option<ItemState>,
    after: i64,
) -> Result<Option<View>, Fault> {
    let (actor, id) = (actor.clone(), id.to_owned());
    core.db
        .read(move |conn| {
            let Some(job) = super::own(conn, &actor, &id)? else { return Ok(None) };
            let mut items = job_items::list(conn, &id, state, after, LIST_PAGE + 1)?;
            let page = usize::try_from(LIST_PAGE).unwrap_or(usize::MAX);
            let more = items.len() > page;
            items.truncate(page);
            let next = if more { items.last().map(|item| item.position) } else { None };
            Ok::<_, Fault>(Some(View { job, items, next }))
        })
        .await
}

/// A job's table, with an entry in the audit log.
pub async fn table(core: &Core, actor: &Actor, id: &str, origin: &Origin) -> Result<Option<String>, Fault> {
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.stands(conn)?;
            let Some(job) = super::own(conn, &actor, &id)? else { return Ok(None) };
            let items = job_items::list(conn, &id, None, 0, i64::try_from(JOB_ITEMS).unwrap_or(i64::MAX))?;
            let mut table = csv::line(["number", "person", "user_id", "result", "reason", "finished_at"]);
            for item in &items {
                let (number, finished) = (item.position.to_string(), item.finished_at.map(rfc3339).unwrap_or_default());
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let (subject, reason) = (text(&item.subject_id), text(&item.reason));
                table.push_str(&csv::line([&number, &item.label, &subject, item.state.as_str(), &reason, &finished]));
            }
            super::entry("job_exported", &actor, &job).write(conn, &origin, context.clock.now())?;
            Ok::<_, Fault>(Some(table))
        })
        .await
}
