//! E-mails, text messages and calls on their way out: what is said, and who carries it.

pub mod email;
pub mod line;
pub mod message;
pub mod network;
pub mod sandbox;
pub mod sender;
mod smtp_pool;
