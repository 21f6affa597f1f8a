//! The activity of an account in words: every audit entry about somebody, as they would tell it.

mod sentences;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::{Core, devices};
use crate::models::AuditResult;
use crate::models::audit_entries::{self, AuditEntry};

pub use sentences::sentence;

const PER_PAGE: usize = 25;

/// One page, newest first.
pub struct Page {
    pub acts: Vec<Act>,
    /// The id behind which the next page begins.
    pub older_than: Option<String>,
}

/// Something that happened.
pub struct Act {
    pub sentence: String,
    pub at: Timestamp,
    /// "Chrome on Windows"; empty where no browser was at work.
    pub device: String,
    pub address: String,
    pub result: AuditResult,
}

/// What happened before `before` (an id), or lately.
pub async fn list(core: &Core, user_id: &str, before: Option<String>) -> Result<Page, Fault> {
    let user_id = user_id.to_owned();
    core.db
        .read(move |conn| {
            // One more than is shown tells whether there is another page.
            let limit = i64::try_from(PER_PAGE).unwrap_or(i64::MAX) + 1;
            let mut entries = audit_entries::list_about(conn, &user_id, before.as_deref(), limit)?;
            let more = entries.len() > PER_PAGE;
            entries.truncate(PER_PAGE);
            let older_than = entries.last().filter(|_| more).map(|entry| entry.id.clone());
            Ok(Page { acts: entries.into_iter().map(act).collect(), older_than })
        })
        .await
}

fn act(entry: AuditEntry) -> Act {
    let details: Value = serde_json::from_str(&entry.details).unwrap_or_default();
    let told = sentence(&entry.action, entry.result, &details);
    let someone_else = entry.actor_kind == "user" && entry.actor_id != entry.subject_user_id;
    Act {
        sentence: if someone_else { format!("{told} An administrator did this.") } else { told },
        at: entry.at,
        device: if entry.user_agent.is_empty() { String::new() } else { devices::describe(&entry.user_agent) },
        address: entry.address,
        result: entry.result,
    }
}
