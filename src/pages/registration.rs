//! Registering: organization, details, the link, address and password, the factor.

pub mod authenticator;
pub mod call;
pub mod create;
pub mod details;
pub mod email;
pub mod error;
pub mod factor;
pub mod link;
pub mod method;
pub mod organization;
pub mod password;
pub mod phone;
pub mod phone_code;
pub mod reset;
pub mod sent;
mod steps;
pub mod username;

pub use steps::Steps;
