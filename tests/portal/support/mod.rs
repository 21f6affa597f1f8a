//! What the tests share: a database, the rules' surroundings, and stand-ins for the servers that the
//! portal talks to.

mod core;
pub mod db;
pub mod log;
pub mod smtp;
pub mod tls;
pub mod twilio;

pub use self::core::{core, core_with};
