//! JSON for machines: the API and the hooks that providers call.

/// Whether the node lives and can serve, and its numbers.
pub mod health;
