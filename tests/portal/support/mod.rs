//! What the tests share: stand-ins for the servers that the portal talks to.

pub mod smtp;
pub mod tls;
pub mod twilio;
