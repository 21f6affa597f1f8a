//! Signing in: options, password, second step, organization.

pub mod authenticator;
pub mod call;
pub mod domain;
pub mod domain_link;
pub mod email;
pub mod flow;
pub mod options;
pub mod organization;
pub mod other;
pub mod password;
pub mod people;
pub mod phone;
pub mod phone_code;
pub mod recovery_code;
pub mod signed_out;
pub mod verify;
