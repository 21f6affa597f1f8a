//! The rules. They know the database and the clock, not HTTP and not HTML; pages, the API and the
//! command line call them alike.

/// Whether a session opens anything.
pub mod access;
/// What happened, written with the act.
pub mod audit;
/// What every rule needs at hand.
pub mod core;
/// Every number: lifetimes, limits, delays.
pub mod limits;
/// Passwords: what may be one, and how it is kept.
pub mod password;
/// Removing what has ended by itself.
pub mod purge;
/// Encrypting again with a new key.
pub mod rotate_keys;
/// Sessions: what they hold, how one follows another, how they end.
pub mod sessions;
/// Limits on tries and sends.
pub mod throttle;
/// Times as people read them.
pub mod times;

pub use self::core::Core;
