//! The second step by authenticator app, hardware token and recovery code.

mod bursts;
mod codes;
mod pauses;
mod recovery_codes;
