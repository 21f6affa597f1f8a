//! The senders against servers that speak the real protocols over real connections.

mod email;
mod messages;
mod sandbox;
mod twilio;
mod voice;
