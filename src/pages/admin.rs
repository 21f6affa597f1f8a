//! The console: **Administrator Settings**.

pub mod accounts;
pub mod applications;
pub mod authentication_methods;
pub mod customers;
pub mod hardware_tokens;
pub mod identity;
pub mod jobs;
pub mod overview;
pub mod people;
pub mod registration_codes;
pub mod registrations;
pub mod resets;
pub mod users;
