//! The console: **Administrator Settings**.

pub mod overview;
