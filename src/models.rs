//! One file per table: its row and every query on it. Each returns what was found or a fault, and a
//! claim returns whether this caller won it. A fault never reads as "not found".

pub mod api_tokens;
pub mod audit_entries;
pub mod audit_seals;
pub mod directory_candidates;
pub mod directory_entries;
pub mod domain_identities;
pub mod domain_sign_ins;
pub mod email_changes;
pub mod enrollment_counts;
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
pub mod restore_marks;
pub mod safelist_entries;
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

/// Whether a text is an id as they are made: the one spelling of a UUID that `new_id` has.
pub fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
}

/// The least id that anything made at this moment or later has: where a range of times begins.
pub fn id_floor(at: Timestamp) -> String {
    let millis = u64::try_from(at.assume_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    let hex = format!("{millis:012x}");
    format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..12])
}
