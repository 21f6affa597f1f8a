//! What runs beside the requests. A task that fails says so and goes on at its next turn.

use std::sync::Arc;

use tokio::time::{MissedTickBehavior, interval};

use super::Stop;
use crate::app::{App, metrics};
use crate::domain::jobs::worker as jobs;
use crate::domain::limits::{IDENTITY_EVERY, PURGE_EVERY, SEAL_EVERY};
use crate::domain::self_reset::tidy;
use crate::domain::{audit_chain, directory, purge};
use crate::outbox::worker::{self, Worker};

/// What has to be stopped at the end: first the jobs, then what they put into the outbox.
pub struct Workers {
    jobs: jobs::Worker,
    outbox: Worker,
}

impl Workers {
    pub async fn stop(self) {
        self.jobs.stop().await;
        self.outbox.stop().await;
    }
}

/// Starts everything on the runtime of the caller.
pub fn start(app: &Arc<App>) -> Result<Workers, Stop> {
    let senders = app.senders()?;
    let workers = Workers { jobs: jobs::start(app.core.clone()), outbox: worker::start(app.core.clone(), senders) };
    tokio::spawn(purge_now_and_then(app.clone()));
    tokio::spawn(seal_now_and_then(app.clone()));
    tokio::spawn(complete_directory(app.clone()));
    tokio::spawn(tidy_metrics());
    tokio::spawn(look_after_identity_checks(app.clone()));
    Ok(workers)
}

/// People from before lists had their own table.
async fn complete_directory(app: Arc<App>) {
    match directory::catch_up(&app.core.db).await {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "lists find everybody now"),
        Err(fault) => tracing::error!(%fault, "lists do not find everybody yet"),
    }
}

async fn purge_now_and_then(app: Arc<App>) {
    let mut turns = interval(PURGE_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match purge::purge(&app.core).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed what has ended"),
            Err(fault) => tracing::error!(%fault, "what has ended could not be removed"),
        }
    }
}

async fn look_after_identity_checks(app: Arc<App>) {
    let Some(provider) = app.identity.clone() else { return };
    let mut turns = interval(IDENTITY_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(fault) = tidy(&app.core, &*provider, app.identity_record()).await {
            tracing::error!(%fault, "identity checks could not be looked after");
        }
    }
}

/// Nodes that look at the same time do no harm: one of them takes the next seal.
async fn seal_now_and_then(app: Arc<App>) {
    let mut turns = interval(SEAL_EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match audit_chain::seal(&app.core).await {
            Ok(0) => {}
            Ok(entries) => tracing::debug!(entries, "sealed the audit log"),
            Err(fault) => tracing::error!(%fault, "the audit log could not be sealed"),
        }
    }
}

async fn tidy_metrics() {
    let mut turns = interval(std::time::Duration::from_secs(5));
    loop {
        turns.tick().await;
        metrics::tidy();
    }
}
