//! Signing in: options, password, second step, organization.

pub mod options;
