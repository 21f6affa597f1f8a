//! What the tests share: a running portal, browsers, a database, the rules' surroundings, and
//! stand-ins for the servers that the portal talks to.

pub mod app;
pub mod browser;
pub mod console;
mod core;
pub mod db;
pub mod journey;
pub mod log;
pub mod node;
pub mod oidc;
mod oidc_keys;
mod oidc_rsa;
pub mod outbox;
pub mod page;
pub mod postgres;
pub mod program;
pub mod smtp;
pub mod stripe;
pub mod template;
pub mod timing;
pub mod tls;
mod totp;
pub mod twilio;

pub use self::app::TestApp;
pub use self::browser::Browser;
pub use self::core::{core, core_with};
pub use self::journey::{BY_EMAIL, BY_PHONE, other_than};
pub use self::totp::code_at;
