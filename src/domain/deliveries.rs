//! What was sent to an organization's people: whether it arrived, never what was in it.

use super::Core;
use crate::db::Fault;
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::{Channel, MessageState};

/// What is looked for, in one organization.
#[derive(Clone, Debug)]
pub struct Query {
    pub organization_id: String,
    pub user_id: Option<String>,
    pub channel: Option<Channel>,
    pub state: Option<MessageState>,
    /// Only what comes before this id.
    pub before: Option<String>,
}

/// A page, newest first, and where the next one begins.
pub async fn list(core: &Core, query: Query, limit: i64) -> Result<(Vec<OutboxMessage>, Option<String>), Fault> {
    core.db
        .read(move |conn| {
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut rows = outbox_messages::list_of_organization(
                conn,
                &query.organization_id,
                query.user_id.as_deref(),
                (query.channel, query.state),
                query.before.as_deref(),
                limit + 1,
            )?;
            let more = rows.len() > most;
            rows.truncate(most);
            let next = rows.last().filter(|_| more).map(|row| row.id.clone());
            Ok((rows, next))
        })
        .await
}
