//! The console: **Administrator Settings**.

pub mod exemptions;
pub mod overview;
pub mod safelist;
pub mod security;
pub mod user_settings;
