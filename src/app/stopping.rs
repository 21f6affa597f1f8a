//! A node that was asked to end: it says so at `/readyz` and keeps no connection, and still answers for a
//! while, so that load balancers send people elsewhere before it goes.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this node was asked to end.
#[derive(Debug, Default)]
pub struct Stopping(AtomicBool);

impl Stopping {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
