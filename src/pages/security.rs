//! What people do about their own security.

pub mod sessions;
