//! The console: **Administrator Settings**.

pub mod accounts;
pub mod authentication_methods;
pub mod identity;
pub mod jobs;
pub mod overview;
pub mod people;
pub mod registrations;
pub mod resets;
pub mod users;
