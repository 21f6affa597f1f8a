//! The rules of the portal: no HTTP, no HTML.

/// Passwords: what may be one, and how it is kept.
pub mod password;
