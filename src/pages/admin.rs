//! The console: **Administrator Settings**.

/// **Audit Log**.
pub mod audit;
mod audit_view;
pub mod overview;
