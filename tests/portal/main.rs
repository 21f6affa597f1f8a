//! One test binary for the whole portal: a module per feature, and what they share in `support`.

mod browser;
mod config;
mod first_login;
mod help;
mod faults;
mod house;
mod outbox;
mod password_reset;
mod remember_me;
mod sandbox;
mod second_step_email;
mod second_step_phone;
mod second_step_totp;
mod registration;
mod senders;
mod serve;
mod sessions;
mod set_up;
mod sign_in;
mod support;
mod web;
