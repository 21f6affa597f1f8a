//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod browser;
mod config;
mod house;
mod outbox;
mod remember_me;
mod sandbox;
mod second_step_email;
mod second_step_phone;
mod second_step_totp;
mod senders;
mod serve;
mod sessions;
mod set_up;
mod sign_in;
mod support;
mod web;
