//! The only source of the time: UTC, in whole microseconds (what both databases keep).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{OffsetDateTime, PrimitiveDateTime};

/// A moment in UTC without a zone, as it is stored.
pub type Timestamp = PrimitiveDateTime;

/// The system's clock plus an offset that only demo mode and tests set.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock, moved by so many seconds.
    pub fn with_offset(seconds: i64) -> Self {
        let clock = Self::default();
        clock.set_offset(seconds);
        clock
    }

    /// Now, in UTC, cut to whole microseconds.
    pub fn now(&self) -> Timestamp {
        let now = OffsetDateTime::now_utc() + time::Duration::microseconds(self.offset_micros.load(Ordering::Relaxed));
        let micros = now.nanosecond() / 1_000 * 1_000;
        let now = now.replace_nanosecond(micros).unwrap_or(now);
        PrimitiveDateTime::new(now.date(), now.time())
    }

    /// Moves this clock, and every copy of it, to so many seconds from the system's.
    pub fn set_offset(&self, seconds: i64) {
        self.offset_micros.store(seconds.saturating_mul(1_000_000), Ordering::Relaxed);
    }

    /// The present offset in seconds.
    pub fn offset(&self) -> i64 {
        self.offset_micros.load(Ordering::Relaxed) / 1_000_000
    }
}

/// Seconds since 1970-01-01T00:00:00Z, for TOTP (RFC 6238 section 4) and signatures.
pub fn unix(at: Timestamp) -> u64 {
    u64::try_from(at.assume_utc().unix_timestamp()).unwrap_or(0)
}

/// Microseconds since then: a moment as it travels in a form.
pub fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.assume_utc().unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The moment of such a number.
pub fn from_micros(micros: i64) -> Option<Timestamp> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
    Some(PrimitiveDateTime::new(at.date(), at.time()))
}
