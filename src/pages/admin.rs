//! The console: **Administrator Settings**.

pub mod jobs;
pub mod overview;
pub mod people;
