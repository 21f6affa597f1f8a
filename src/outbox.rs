//! E-mails, text messages and calls on their way out: what is said, and who carries it.

pub mod email;
pub mod https;
pub mod line;
pub mod message;
pub mod messages;
pub mod network;
pub mod people_messages;
pub mod queue;
pub mod registration_messages;
pub mod sandbox;
pub mod sender;
pub mod sms;
mod smtp_pool;
pub mod twilio;
pub mod twilio_signature;
pub mod voice;
pub mod worker;
