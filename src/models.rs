//! One file per table: its row and every query on it. Each returns what was found or a fault, and a
//! claim returns whether this caller won it. A fault never reads as "not found".

pub mod audit_entries;
pub mod directory_entries;
pub mod email_changes;
pub mod factors;
pub mod hardware_tokens;
pub mod identity_checks;
pub mod invitations;
pub mod job_items;
pub mod jobs;
pub mod known_devices;
pub mod links;
pub mod memberships;
pub mod messages;
pub mod mfa_reset_results;
pub mod mfa_resets;
pub mod one_time_codes;
pub mod organizations;
pub mod outbox_messages;
pub mod overview;
pub mod password_resets;
pub mod phone_calls;
pub mod profiles;
pub mod recovery_codes;
pub mod registration_codes;
pub mod registrations;
pub mod remembered_browsers;
pub mod sandbox_identity_sessions;
pub mod second_step_pauses;
pub mod self_resets;
pub mod session_proofs;
pub mod sessions;
pub mod stripe_events;
pub mod throttles;
mod types;
pub mod users;

pub use diesel::QueryResult;
pub use types::*;

use crate::clock::Timestamp;

/// A new id: UUIDv7, so that ids sort by time and lists can be paged by them (RFC 9562 section 5.7).
pub fn new_id(now: Timestamp) -> String {
    let now = now.assume_utc();
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.nanosecond())).to_string()
}
