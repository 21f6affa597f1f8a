//! What goes wrong around the portal: it is killed, its database fails, its mail server or gateway
//! is down, and several nodes share the work. Nobody is let in by a fault, and nothing is lost.

mod bulk;
mod clock;
mod crash;
mod database;
mod disk;
mod kills;
mod nodes;
pub mod open_doors;
mod restore;
mod self_reset;
pub mod senders;
