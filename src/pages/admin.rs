//! The console: **Administrator Settings**.

/// **API Tokens**.
pub mod api_tokens;
/// **Audit Log**.
pub mod audit;
mod audit_view;
pub mod exemptions;
pub mod overview;
pub mod safelist;
pub mod security;
pub mod user_settings;
