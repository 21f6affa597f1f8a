//! JSON for machines: the API and the hooks that providers call.

/// Whether the node lives and can serve, and its numbers.
pub mod health;
/// What the telephone gateway posts back during a call.
pub mod hooks;
/// Problem details (RFC 9457).
pub mod problem;
/// The sandbox of demo mode for scripts.
pub mod sandbox;
/// What the identity provider posts.
pub mod stripe;
