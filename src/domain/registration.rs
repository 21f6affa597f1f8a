//! Registering, from the organization's code to the accepted terms. What is typed waits in a row of
//! its own; username and address are reserved by nothing and settled at **Create**. SPEC section 3.

pub mod address;
pub mod authenticator;
pub mod create;
pub mod details;
pub mod factor;
pub mod mails;
pub mod organization;
pub mod phone;
pub mod reset;
pub mod resume;
pub mod road;
pub mod start;
pub mod terms;

pub use mails::{Whom, mail_link};
pub use road::Road;

use super::core::Settings;
use crate::domain::mfa::that_count;
use crate::models::FactorKind;
use crate::models::organizations::Organization;

/// The purpose of every link that leads into a registration.
pub const LINK: &str = "registration";
/// The same for one after a username that was taken: it begins with choosing another.
pub const USERNAME_LINK: &str = "registration_username";

/// What somebody may choose to show at sign-in, in the order of the page: what counts there, or set-up would follow
/// at once, and what this server can send.
pub fn methods(settings: &Settings, organization: &Organization) -> Vec<FactorKind> {
    let offered = [FactorKind::Phone, FactorKind::Email, FactorKind::Authenticator];
    let fits = |kind: &FactorKind| organization.allows(*kind) && settings.carries(*kind);
    let allowed: Vec<FactorKind> = offered.into_iter().filter(fits).collect();
    let allowed = that_count(&allowed, organization.org_level_mfa);
    // An organization that takes hardware tokens alone: an app keeps the account until one is handed out.
    if allowed.is_empty() { vec![FactorKind::Authenticator] } else { allowed }
}
