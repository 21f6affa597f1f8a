//! The console: **Administrator Settings**.

pub mod accounts;
pub mod api_tokens;
pub mod applications;
pub mod audit;
mod audit_view;
pub mod authentication_methods;
pub mod customers;
pub mod exemptions;
pub mod hardware_tokens;
pub mod identity;
pub mod jobs;
pub mod overview;
pub mod people;
pub mod registration_codes;
pub mod registrations;
pub mod resets;
pub mod safelist;
pub mod security;
pub mod user_settings;
pub mod users;
