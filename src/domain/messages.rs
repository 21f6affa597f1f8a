//! **Message Center**: notices to one person. Nobody else's are found.

use super::Core;
use crate::db::Fault;
use crate::models::messages::{self, Message};

const PER_PAGE: i64 = 20;

/// One page of messages, newest first.
pub struct Page {
    pub messages: Vec<Message>,
    pub unread: i64,
    /// The id behind which the next page begins.
    pub older_than: Option<String>,
}

/// The messages older than `before` (an id), or the newest.
pub async fn list(core: &Core, user_id: &str, before: Option<String>) -> Result<Page, Fault> {
    let user_id = user_id.to_owned();
    core.db
        .read(move |conn| {
            // One more than is shown tells whether there is another page.
            let mut messages = messages::list(conn, &user_id, before.as_deref(), PER_PAGE + 1)?;
            let more = messages.len() > PER_PAGE as usize;
            messages.truncate(PER_PAGE as usize);
            let older_than = messages.last().filter(|_| more).map(|m| m.id.clone());
            Ok(Page { unread: messages::count_unread(conn, &user_id)?, messages, older_than })
        })
        .await
}

/// One of somebody's own messages.
pub async fn find(core: &Core, user_id: &str, id: &str) -> Result<Option<Message>, Fault> {
    let (user_id, id) = (user_id.to_owned(), id.to_owned());
    core.db.read(move |conn| messages::find_of(conn, &user_id, &id).map_err(Fault::from)).await
}

/// Marks one as read; `false` when it is not theirs. Twice is as good as once.
pub async fn read(core: &Core, user_id: &str, id: &str) -> Result<bool, Fault> {
    let (user_id, id, now) = (user_id.to_owned(), id.to_owned(), core.clock.now());
    core.db
        .write(move |conn| {
            Ok(messages::read(conn, &user_id, &id, now)? || messages::find_of(conn, &user_id, &id)?.is_some())
        })
        .await
}

/// Marks all as read.
pub async fn read_all(core: &Core, user_id: &str) -> Result<(), Fault> {
    let (user_id, now) = (user_id.to_owned(), core.clock.now());
    core.db.write(move |conn| Ok(messages::read_all(conn, &user_id, now).map(|_| ())?)).await
}
