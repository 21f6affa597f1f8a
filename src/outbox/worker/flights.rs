//! What is being handed over at the moment.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

use crate::models::Channel;

/// Hand-overs at once per channel, 16 together. The channels share no places: a mail server that
/// hangs must not hold up a text message, nor a hanging gateway the mail.
pub fn places(channel: Channel) -> usize {
    match channel {
        Channel::Email => 6,
        Channel::Sms | Channel::Call => 5,
    }
}

/// The hand-overs of this node; all end when this is dropped.
#[derive(Default)]
pub struct Flights {
    tasks: JoinSet<()>,
    /// The message and its channel. The lease alone would not keep a message from being claimed
    /// twice here: a demo clock that jumps ahead ends it early.
    messages: HashMap<Id, (String, Channel)>,
}

impl Flights {
    pub fn contains(&self, message_id: &str) -> bool {
        self.messages.values().any(|(id, _)| id == message_id)
    }

    pub fn free(&self, channel: Channel) -> usize {
        let taken = self.messages.values().filter(|(_, c)| *c == channel).count();
        places(channel).saturating_sub(taken)
    }

    /// Starts the hand-over of a message.
    pub fn launch(&mut self, id: String, channel: Channel, flight: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(flight).id();
        self.messages.insert(task, (id, channel));
    }

    /// Waits for one to end, and takes away all that have; for ever when there is none.
    pub async fn land(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(landed) => self.landed(landed),
            None => std::future::pending().await,
        }
        self.sweep();
    }

    /// Takes away those that have ended.
    pub fn sweep(&mut self) {
        while let Some(landed) = self.tasks.try_join_next_with_id() {
            self.landed(landed);
        }
    }

    /// Waits for all of them.
    pub async fn land_all(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    fn landed(&mut self, landed: Result<(Id, ()), JoinError>) {
        let task = landed.map_or_else(
            |e| {
                tracing::error!(error = %e, "a hand-over ended early");
                e.id()
            },
            |(id, ())| id,
        );
        self.messages.remove(&task);
    }
}
