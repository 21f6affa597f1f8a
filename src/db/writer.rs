//! SQLite's one writer: a thread that owns the only writing connection and works through a queue.
//! Competing writers cost seconds at the tail; a queue costs milliseconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::oneshot;

use super::{DbConnection, Fault, Target, each};

const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce(&mut DbConnection) + Send>;

pub struct Writer {
    jobs: SyncSender<Job>,
}

impl Writer {
    /// Opens the connection, so that a wrong path fails here, and starts the thread.
    pub fn start(target: &Target) -> Result<Self, Fault> {
        let conn = target.connect(true).map_err(|e| Fault::Unreachable(e.to_string()))?;
        let (jobs, queue) = sync_channel::<Job>(QUEUE);
        thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn({
                let target = target.clone();
                move || work(conn, &target, &queue)
            })
            .map_err(|e| Fault::Other(format!("the writer thread did not start: {e}")))?;
        Ok(Self { jobs })
    }

    /// Queues `f` and waits for its answer.
    pub async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, wait) = oneshot::channel();
        self.queue(Box::new(move |conn| {
            let _ = answer.send(f(conn));
        }))?;
        wait.await.map_err(|_| Fault::Other("a write ended early".into()))
    }

    /// The same for callers outside the async world: start-up and the command line.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, wait) = std::sync::mpsc::channel();
        self.queue(Box::new(move |conn| {
            let _ = answer.send(f(conn));
        }))?;
        wait.recv().map_err(|_| Fault::Other("a write ended early".into()))
    }

    fn queue(&self, job: Job) -> Result<(), Fault> {
        self.jobs.try_send(job).map_err(|e| match e {
            TrySendError::Full(_) => Fault::Busy { retry_after_seconds: 2 },
            TrySendError::Disconnected(_) => Fault::Other("the writer thread is gone".into()),
        })
    }
}

fn work(mut conn: DbConnection, target: &Target, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        // The job has rolled back by now; the next one must still find a thread.
        if catch_unwind(AssertUnwindSafe(|| job(&mut conn))).is_err() {
            tracing::error!("a write panicked");
        }
        mend(&mut conn, target);
    }
}

/// SQLite rolls back by itself when the disk is full or fails, and Diesel gives a connection up that did:
/// without another one nothing could be written until the next start.
fn mend(conn: &mut DbConnection, target: &Target) {
    let broken = each!(conn, |c| AnsiTransactionManager::is_broken_transaction_manager(c));
    // Opening would make an empty file in the place of one that is gone.
    if !broken || target.is_missing() {
        return;
    }
    match target.connect(true) {
        Ok(another) => *conn = another,
        Err(e) => tracing::error!(error = %e, "the database cannot be opened again"),
    }
}
