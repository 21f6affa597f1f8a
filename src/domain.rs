//! The rules of the portal: no HTTP, no HTML. Pages, the API and the command line share them.

/// Where a person stands with MFA in an organization: one function for every page and answer.
pub mod mfa;
/// The organizations and people of demo mode.
pub mod sample;
/// What demo mode shows to scripts: people, and messages as they arrive.
pub mod sandbox;
