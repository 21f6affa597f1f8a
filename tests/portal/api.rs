//! The API: tokens, refusals and their order, its description, and what it answers.

pub mod client;
mod description;
mod limits;
mod org_mfa;
mod refusals;
mod resets;
mod tokens;
mod users;
