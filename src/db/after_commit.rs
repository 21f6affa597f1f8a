//! What is done once a transaction has committed, and not at all when it has not: what is told outside the
//! database must not tell of what never was. A transaction runs on one thread from its beginning to its end, so what
//! it leaves to be done waits in that thread.

use std::cell::RefCell;

type Deed = Box<dyn FnOnce()>;

thread_local! {
    static WAITING: RefCell<Vec<Deed>> = const { RefCell::new(Vec::new()) };
}

/// Leaves `deed` to be done after the commit of the transaction at work on this thread. It runs on the thread of
/// the database, so it must be quick and may not fail.
pub fn after_commit(deed: impl FnOnce() + 'static) {
    WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(deed)));
}

/// A transaction begins, or has not come to its end.
pub(super) fn forget() {
    WAITING.take();
}

/// It has committed.
pub(super) fn run() {
    for deed in WAITING.take() {
        deed();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::{Db, Fault};
    use super::after_commit;

    #[tokio::test]
    async fn only_what_has_committed_is_told() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let db = Db::open(&format!("sqlite:{}/told.db", dir.path().display()), 2).expect("a database");
        let told = Arc::new(AtomicUsize::new(0));
        let tell = |ends: &'static str| {
            let told = told.clone();
            db.write(move |_| {
                let (counted, seen) = (told.clone(), told.load(Ordering::SeqCst));
                after_commit(move || {
                    counted.fetch_add(1, Ordering::SeqCst);
                });
                assert_eq!(told.load(Ordering::SeqCst), seen, "not before the commit");
                match ends {
                    "well" => Ok(()),
                    "badly" => Err(Fault::Other("rolled back".into())),
                    _ => panic!("a write that panics"),
                }
            })
        };
        assert!(tell("badly").await.is_err() && tell("in a panic").await.is_err());
        assert_eq!(told.load(Ordering::SeqCst), 0, "nothing of what was rolled back");
        tell("well").await.expect("it commits");
        assert_eq!(told.load(Ordering::SeqCst), 1, "once, and nothing from before");
        tell("badly").await.expect_err("it is rolled back");
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }
}
