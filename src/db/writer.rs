//! SQLite's one writer: a thread that owns the only writing connection and works through a queue.
//! Competing writers cost seconds at the tail; a queue costs milliseconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{QueryableByName, RunQueryDsl};
use tokio::sync::oneshot;

use super::{DbConnection, Fault, Target, each};

const QUEUE: usize = 4096;

/// How long the end waits for those who still read. Other programs on the same file cannot write meanwhile, and
/// give up after five seconds.
pub const LAST_READERS: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(&mut DbConnection) + Send>;

enum Next {
    Job(Job),
    End,
}

pub struct Writer {
    jobs: SyncSender<Next>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Opens the connection, so that a wrong path fails here, and starts the thread.
    pub fn start(target: &Target) -> Result<Self, Fault> {
        let conn = target.connect(true).map_err(|e| Fault::Unreachable(e.to_string()))?;
        let (jobs, queue) = sync_channel::<Next>(QUEUE);
        let thread = thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn({
                let target = target.clone();
                move || work(conn, &target, &queue)
            })
            .map_err(|e| Fault::Other(format!("the writer thread did not start: {e}")))?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)) })
    }

    /// Waits for what is queued, then leaves the database whole in its one file. Nothing can be written after.
    pub fn end(&self) {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        // The last one to let go may be a job: the queue then ends by itself.
        if thread.thread().id() == thread::current().id() {
            return;
        }
        let _ = self.jobs.send(Next::End);
        if thread.join().is_err() {
            tracing::error!("the writer thread panicked");
        }
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
        self.jobs.try_send(Next::Job(job)).map_err(|e| match e {
            TrySendError::Full(_) => Fault::Busy { retry_after_seconds: 2 },
            TrySendError::Disconnected(_) => Fault::Other("the writer thread is gone".into()),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

fn work(mut conn: DbConnection, target: &Target, queue: &Receiver<Next>) {
    while let Ok(Next::Job(job)) = queue.recv() {
        // The job has rolled back by now; the next one must still find a thread.
        if catch_unwind(AssertUnwindSafe(|| job(&mut conn))).is_err() {
            tracing::error!("a write panicked");
        }
        mend(&mut conn, target);
    }
    match write_back(&mut conn) {
        Ok(true) => {}
        Ok(false) => tracing::info!(file = target.name(), "others have the database open: its -wal belongs to it"),
        Err(error) => tracing::warn!(%error, file = target.name(), "the end of the database stays in its -wal"),
    }
}

#[derive(QueryableByName)]
struct WrittenBack {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// Brings all that was written from the log into the file; `false` where others are at work on it.
fn write_back(conn: &mut DbConnection) -> diesel::QueryResult<bool> {
    let query = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)");
    each!(conn, |c| {
        c.batch_execute(&format!("PRAGMA busy_timeout = {}", LAST_READERS.as_millis()))?;
        Ok(query.get_result::<WrittenBack>(c)?.busy == 0)
    })
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
