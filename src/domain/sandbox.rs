//! What demo mode shows to scripts, in exactly the shapes that are documented for
//! `/sandbox/people.json` and `/sandbox/outbox.json`. Outside demo mode nobody calls this.

mod actions;
mod identity;
mod outbox;
mod people;
#[cfg(test)]
mod tests;
mod tokens;

pub use actions::{MOST_OFFSET, is_seeded, key, mail_html, press, read_outbox, read_people, set_clock};
pub use identity::{Check, Play, Played, check, checks, play_identity};
pub use outbox::{OutboxItem, outbox};
pub use people::{FactorView, MembershipView, OrganizationView, People, PersonView, people};
pub use tokens::{SpareToken, spare_tokens};

use time::format_description::well_known::Rfc3339;

use crate::clock::Timestamp;

/// RFC 3339 in UTC, with `Z`.
fn rfc3339(at: Timestamp) -> Option<String> {
    at.assume_utc().format(&Rfc3339).ok()
}
