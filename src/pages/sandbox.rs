//! The sandbox of demo mode: what was sent, whom to try, and what to break. Does not exist outside it.

pub mod controls;
pub mod outbox;
pub mod people;
