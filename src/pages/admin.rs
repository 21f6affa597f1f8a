//! The console: **Administrator Settings**.

pub mod applications;
pub mod customers;
pub mod hardware_tokens;
pub mod overview;
pub mod registration_codes;
