//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod browser;
mod config;
mod house;
mod outbox;
mod senders;
mod support;
