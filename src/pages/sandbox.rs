//! The sandbox of demo mode: what was sent, whom to try, and what to break. Does not exist outside it.

pub mod controls;
pub mod domain;
mod hints;
pub mod identity;
pub mod mail;
pub mod outbox;
pub mod people;

use crate::domain::times::Zone;

/// Where most of the sample organizations are: the times here are those on their pages.
fn zone() -> Zone {
    Zone::named("America/Chicago")
}
