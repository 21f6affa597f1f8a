//! What the portal logs on a test's own thread, where its async tasks run.
//!
//! One subscriber for the whole binary: with one per test, tracing may take a line that another
//! thread came by first for switched off.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

static INSTALL: Once = Once::new();
static LINES: Mutex<Option<HashMap<ThreadId, Vec<u8>>>> = Mutex::new(None);

/// Listens on this thread until dropped.
pub struct Log(ThreadId);

impl Log {
    pub fn listen() -> Self {
        INSTALL.call_once(|| {
            tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(|| Pen).init();
        });
        let id = thread::current().id();
        with(|lines| lines.insert(id, Vec::new()));
        Self(id)
    }

    pub fn text(&self) -> String {
        with(|lines| lines.get(&self.0).map(|bytes| String::from_utf8_lossy(bytes).into_owned())).unwrap_or_default()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        with(|lines| lines.remove(&self.0));
    }
}

fn with<T>(f: impl FnOnce(&mut HashMap<ThreadId, Vec<u8>>) -> T) -> T {
    f(LINES.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

struct Pen;

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        with(|lines| {
            if let Some(line) = lines.get_mut(&thread::current().id()) {
                line.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
