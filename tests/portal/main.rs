//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod config;
mod house;
mod outbox;
mod registration;
mod senders;
mod set_up;
mod support;
