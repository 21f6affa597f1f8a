//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod browser;
mod config;
mod faults;
mod first_login;
mod help;
mod house;
mod outbox;
mod password_reset;
mod registration;
mod remember_me;
mod sandbox;
mod second_step_email;
mod second_step_phone;
mod second_step_totp;
mod self_reset;
mod senders;
mod serve;
mod sessions;
mod set_up;
mod sign_in;
mod step_up;
mod support;
mod web;
