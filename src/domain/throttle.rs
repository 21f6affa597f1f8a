//! Limits on tries and sends. A try takes a place before it is judged and counts once it was wrong,
//! so that a burst finds no gap and honest people at the same moment do not count against each other.
//! ASVS 6.1.1, 6.3.1, 2.4.1.

use time::Duration;

use super::limits::*;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::models::throttles::Throttle;
use crate::models::{QueryResult, throttles};

/// The counters one try of a password touches.
#[derive(Clone, Debug)]
pub struct PasswordKeys {
    /// Account and network, or account and known device.
    bucket: String,
    /// The account over all networks; a known device is not held up by it.
    account: Option<String>,
    /// Failures in a row, for the hard cap.
    in_a_row: String,
    /// Failed sign-ins from this address.
    address: Option<String>,
}

impl PasswordKeys {
    /// `account` is a hash of the typed address, known or not; `network` a /24 or /56; `device` the
    /// hash of a device this account knows.
    pub fn new(account: &str, network: &str, device: Option<&str>, address: Option<&str>) -> Self {
        Self {
            bucket: match device {
                Some(device) => format!("password:device:{account}:{device}"),
                None => format!("password:network:{account}:{network}"),
            },
            account: device.is_none().then(|| format!("password:account:{account}")),
            in_a_row: format!("password:row:{account}"),
            address: address.map(|a| format!("sign-in:address:{a}")),
        }
    }
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Go on, and settle it afterwards.
    Taken,
    /// Not judged and not counted: an earlier failure still delays.
    Refused { until: Timestamp },
    /// Not judged and not counted: as many tries are being judged as could still be wrong.
    Busy,
}

/// How many tries in a row a claim was, this one among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    pub in_bucket: i64,
    pub in_a_row: i64,
    pub blocked_until: Option<Timestamp>,
}

/// How a try that was claimed ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    NotJudged,
}

impl PasswordKeys {
    /// One order for all, or two sign-ins could wait for each other on PostgreSQL.
    fn sorted(&self) -> Vec<&String> {
        let mut names: Vec<&String> =
            [Some(&self.bucket), self.account.as_ref(), Some(&self.in_a_row), self.address.as_ref()]
                .into_iter()
                .flatten()
                .collect();
        names.sort();
        names
    }

    /// Failures that are free, for those counters that have a bound.
    fn free(&self, key: &String) -> Option<i64> {
        match key {
            key if *key == self.bucket => Some(PASSWORD_FREE_TRIES),
            key if Some(key) == self.account.as_ref() => Some(ACCOUNT_FREE_TRIES),
            key if Some(key) == self.address.as_ref() => Some(ADDRESS_SIGN_INS),
            _ => None,
        }
    }

    fn lock_all(&self, conn: &mut DbConnection, now: Timestamp) -> QueryResult<Vec<Throttle>> {
        let mut rows = Vec::new();
        for name in self.sorted() {
            let mut row = throttles::lock(conn, name, now)?;
            if now >= row.updated_at + FLIGHT {
                // Whoever began these never came back.
                row.in_flight = 0;
            }
            if Some(&row.key) == self.address.as_ref() && !is_running(&row, Duration::minutes(1), now) {
                (row.count, row.window_start) = (0, now);
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

/// Takes a place for a try before it is judged: never more at a time than could still be wrong
/// within the limits, so that a burst finds no gap between the look and the count.
pub fn claim_password(conn: &mut DbConnection, keys: &PasswordKeys, now: Timestamp) -> QueryResult<Claim> {
    // First of all, so that an address over its limit leaves no counter behind for each account it types.
    if let Some(address) = &keys.address
        && let Some(until) = is_over(conn, address, ADDRESS_SIGN_INS, Duration::minutes(1), now)?
    {
        return Ok(Claim::Refused { until });
    }
    let mut rows = keys.lock_all(conn, now)?;
    let mut blocked = rows.iter().filter_map(|r| r.blocked_until).filter(|until| *until > now).max();
    for row in rows.iter().filter(|r| Some(&r.key) == keys.address.as_ref() && r.count >= ADDRESS_SIGN_INS) {
        blocked = blocked.max(Some(row.window_start + Duration::minutes(1)));
    }
    if let Some(until) = blocked {
        return Ok(Claim::Refused { until });
    }
    let full = |row: &Throttle| keys.free(&row.key).is_some_and(|free| row.in_flight >= (free - row.count).max(1));
    if rows.iter().any(full) {
        return Ok(Claim::Busy);
    }
    for row in &mut rows {
        row.in_flight += 1;
        row.updated_at = now;
        throttles::save(conn, row)?;
    }
    Ok(Claim::Taken)
}

/// Gives the place back and counts: a wrong try delays the next, a right one ends the row of failures.
pub fn settle_password(
    conn: &mut DbConnection,
    keys: &PasswordKeys,
    verdict: Verdict,
    now: Timestamp,
) -> QueryResult<Settled> {
    let mut settled = Settled::default();
    for mut row in keys.lock_all(conn, now)? {
        row.in_flight = (row.in_flight - 1).max(0);
        row.updated_at = now;
        let is_address = Some(&row.key) == keys.address.as_ref();
        if verdict == Verdict::Wrong {
            row.count += 1;
        }
        if row.key == keys.bucket {
            row.blocked_until = network_delay(row.count).filter(|_| verdict == Verdict::Wrong).map(|d| now + d);
            (settled.in_bucket, settled.blocked_until) = (row.count, row.blocked_until);
        } else if Some(&row.key) == keys.account.as_ref() && verdict == Verdict::Wrong {
            row.blocked_until = account_delay(row.count).map(|d| now + d);
        } else if row.key == keys.in_a_row {
            settled.in_a_row = row.count;
        }
        if verdict == Verdict::Right && !is_address {
            (row.count, row.blocked_until) = (0, None);
        }
        throttles::save(conn, &row)?;
    }
    Ok(settled)
}

/// A new password ends every row of failures that its owner can be in here.
pub fn password_was_set(conn: &mut DbConnection, account: &str, network: &str, device: &str) -> QueryResult<()> {
    let here = PasswordKeys::new(account, network, None, None);
    let known = PasswordKeys::new(account, network, Some(device), None);
    let mut keys = vec![here.bucket, here.in_a_row, known.bucket];
    keys.extend(here.account);
    throttles::reset(conn, &keys)
}

/// Whether a window has begun and not ended; one of the future comes of a clock that was set back.
fn is_running(row: &Throttle, window: Duration, now: Timestamp) -> bool {
    row.window_start <= now && now < row.window_start + window
}

/// Takes one of `limit` per `window`; `Some(end of the window)` when they are gone.
pub fn take(
    conn: &mut DbConnection,
    key: &str,
    limit: i64,
    window: Duration,
    now: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    let mut row = throttles::lock(conn, key, now)?;
    if !is_running(&row, window, now) {
        (row.count, row.window_start) = (0, now);
    }
    if row.count >= limit {
        return Ok(Some(row.window_start + window));
    }
    row.count += 1;
    row.updated_at = now;
    throttles::save(conn, &row)?;
    Ok(None)
}

/// Whether nothing is left of a limit, without taking or counting anything: until when.
pub fn is_over(
    conn: &mut DbConnection,
    key: &str,
    limit: i64,
    window: Duration,
    now: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    let row = throttles::find(conn, key)?.filter(|row| is_running(row, window, now) && row.count >= limit);
    Ok(row.map(|row| row.window_start + window))
}

/// What is left of a limit after one was taken, for the headers that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub limit: i64,
    pub remaining: i64,
    /// Seconds until the window ends.
    pub reset_seconds: i64,
    /// Whether one was left to be taken.
    pub taken: bool,
}

/// Takes one of `limit` per `window`, and says how many are left.
pub fn draw(
    conn: &mut DbConnection,
    key: &str,
    limit: i64,
    window: Duration,
    now: Timestamp,
) -> QueryResult<Allowance> {
    let mut row = throttles::lock(conn, key, now)?;
    if !is_running(&row, window, now) {
        (row.count, row.window_start) = (0, now);
    }
    // Rounded up: who waits so long finds the window over.
    let left = row.window_start + window - now;
    let reset_seconds = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
    let taken = row.count < limit;
    if taken {
        row.count += 1;
        row.updated_at = now;
        throttles::save(conn, &row)?;
    }
    Ok(Allowance { limit, remaining: limit - row.count, reset_seconds, taken })
}

/// Takes one of each of these limits (key, limit, window), or of none; `Some(end of the window)` of the
/// first that has none left. The keys come in order.
pub fn take_all(
    conn: &mut DbConnection,
    limits: &[(String, i64, Duration)],
    now: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    let mut rows = Vec::new();
    for (key, limit, window) in limits {
        let mut row = throttles::lock(conn, key, now)?;
        if !is_running(&row, *window, now) {
            (row.count, row.window_start) = (0, now);
        }
        if row.count >= *limit {
            return Ok(Some(row.window_start + *window));
        }
        row.count += 1;
        row.updated_at = now;
        rows.push(row);
    }
    for row in &rows {
        throttles::save(conn, row)?;
    }
    Ok(None)
}

/// After the n-th failure in one bucket: free up to five, then 1, 2, 4 … 60 s, then 15 min.
fn network_delay(failures: i64) -> Option<Duration> {
    match failures {
        n if n < PASSWORD_FREE_TRIES => None,
        n if n >= PASSWORD_LONG_DELAY_FROM => Some(PASSWORD_LONG_DELAY),
        n => Some(Duration::seconds(1 << (n - PASSWORD_FREE_TRIES).min(6)).min(PASSWORD_DELAY_MAX)),
    }
}

/// After the n-th failure over all networks: 30 s from the thirtieth, doubling to 15 min.
fn account_delay(failures: i64) -> Option<Duration> {
    (failures >= ACCOUNT_FREE_TRIES)
        .then(|| Duration::seconds(30 << (failures - ACCOUNT_FREE_TRIES).min(5)).min(PASSWORD_LONG_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        let seconds: Vec<_> = (1..=22).map(|n| network_delay(n).map_or(0, Duration::whole_seconds)).collect();
        assert_eq!(&seconds[..12], &[0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(&seconds[18..], &[60, 900, 900, 900]);
        assert_eq!(account_delay(29), None);
        assert_eq!(account_delay(30), Some(Duration::seconds(30)));
        assert_eq!(account_delay(60), Some(Duration::minutes(15)));
    }
}
