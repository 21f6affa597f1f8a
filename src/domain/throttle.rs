//! Limits on tries and sends. A try is counted before it is judged and given back when it was good,
//! so that a burst finds no gap between the look and the count. ASVS 6.1.1, 6.3.1, 2.4.1.

use time::Duration;

use super::limits::*;
use crate::clock::Timestamp;
use crate::db::DbConnection;
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
    /// Go on; so many in a row are now counted, this one among them.
    Taken { in_bucket: i64, in_a_row: i64, blocked_until: Option<Timestamp> },
    /// Not judged and not counted.
    Refused { until: Timestamp },
}

/// Counts a try of a password before it is judged.
pub fn claim_password(conn: &mut DbConnection, keys: &PasswordKeys, now: Timestamp) -> QueryResult<Claim> {
    let mut rows = Vec::new();
    let mut names: Vec<&String> =
        [Some(&keys.bucket), keys.account.as_ref(), Some(&keys.in_a_row), keys.address.as_ref()]
            .into_iter()
            .flatten()
            .collect();
    // One order for all, or two sign-ins could wait for each other on PostgreSQL.
    names.sort();
    for name in names {
        rows.push(throttles::lock(conn, name, now)?);
    }
    let mut blocked = rows.iter().filter_map(|r| r.blocked_until).filter(|until| *until > now).max();
    if let Some(row) = rows.iter().find(|r| Some(&r.key) == keys.address.as_ref()) {
        let window = row.window_start + Duration::minutes(1);
        if row.count >= ADDRESS_SIGN_INS && now < window {
            blocked = blocked.max(Some(window));
        }
    }
    if let Some(until) = blocked {
        return Ok(Claim::Refused { until });
    }
    let (mut in_bucket, mut in_a_row, mut blocked_until) = (0, 0, None);
    for mut row in rows {
        if Some(&row.key) == keys.address.as_ref() && now >= row.window_start + Duration::minutes(1) {
            (row.count, row.window_start) = (0, now);
        }
        row.count += 1;
        row.updated_at = now;
        if row.key == keys.bucket {
            row.blocked_until = network_delay(row.count).map(|d| now + d);
            (in_bucket, blocked_until) = (row.count, row.blocked_until);
        } else if Some(&row.key) == keys.account.as_ref() {
            row.blocked_until = account_delay(row.count).map(|d| now + d);
        } else if row.key == keys.in_a_row {
            in_a_row = row.count;
        }
        throttles::save(conn, &row)?;
    }
    Ok(Claim::Taken { in_bucket, in_a_row, blocked_until })
}

/// A good password ends the row of failures.
pub fn password_was_right(conn: &mut DbConnection, keys: &PasswordKeys) -> QueryResult<()> {
    let mut names = vec![keys.bucket.clone(), keys.in_a_row.clone()];
    names.extend(keys.account.clone());
    throttles::reset(conn, &names)?;
    if let Some(address) = &keys.address {
        throttles::give_back(conn, address)?;
    }
    Ok(())
}

/// A try that was never judged does not count.
pub fn password_was_not_judged(conn: &mut DbConnection, keys: &PasswordKeys, now: Timestamp) -> QueryResult<()> {
    for name in [Some(&keys.bucket), keys.account.as_ref(), Some(&keys.in_a_row), keys.address.as_ref()] {
        let Some(name) = name else { continue };
        let mut row = throttles::lock(conn, name, now)?;
        row.count = (row.count - 1).max(0);
        row.blocked_until = None;
        throttles::save(conn, &row)?;
    }
    Ok(())
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
    if now >= row.window_start + window {
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
        if now >= row.window_start + *window {
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
