//! The second step by authenticator app, hardware token and recovery code.

mod bursts;
mod codes;
mod pace;
mod pauses;
mod recovery_codes;
