//! The second step: what may be shown, and what happens when it is right or wrong. Everything is
//! counted and judged inside one transaction, with the counter of the person and factor kind locked,
//! so that no burst gets more tries than the limits allow. ASVS 6.6.3, NIST SP 800-63B-4 section 3.2.2.

pub mod calls;
pub mod codes;
pub mod judge;
pub mod notices;
mod pace;
pub mod recovery_codes;
pub mod send_limits;
pub mod totp;
pub mod ways;

pub use judge::{Judged, Proof};
pub use pace::Waiting;
pub use ways::Ways;
