//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod house;
mod outbox;
mod config;
mod senders;
mod support;
