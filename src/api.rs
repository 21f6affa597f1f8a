//! JSON for machines: the API and the hooks that providers call.

/// The audit log.
pub mod audit;
/// JSON bodies.
pub mod body;
/// What was sent.
pub mod deliveries;
/// **Admin: Help**: the API's description, to be read and tried out.
pub mod docs;
/// Whether the node lives and can serve, and its numbers.
pub mod health;
/// What the telephone gateway posts back during a call.
pub mod hooks;
/// The one reset.
pub mod mfa_reset;
/// The API's description.
pub mod openapi;
/// Requiring MFA.
pub mod org_mfa;
/// Problem details (RFC 9457).
pub mod problem;
/// Parameters that several lists have in common.
pub mod query;
/// The sandbox of demo mode for scripts.
pub mod sandbox;
pub mod sandbox_domain;
mod strict;
/// What the identity provider posts.
pub mod stripe;
/// Who may call: a bearer token with a scope.
pub mod token;
/// People and their factors.
pub mod users;
