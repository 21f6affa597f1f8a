//! Counters behind every limit, by key. A row is locked while its policy is worked out: by the one
//! writer on SQLite, by FOR UPDATE on PostgreSQL.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::throttles;

#[derive(Clone, Debug, Queryable, Insertable, AsChangeset)]
#[diesel(treat_none_as_null = true)]
pub struct Throttle {
    pub key: String,
    pub count: i64,
    pub window_start: Timestamp,
    pub blocked_until: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// Tries that are being judged.
    pub in_flight: i64,
}

/// The counter of `key`, made if need be and locked until the transaction ends.
/// Callers that lock several must do so in the order of their keys.
pub fn lock(conn: &mut DbConnection, key: &str, now: Timestamp) -> QueryResult<Throttle> {
    let new = Throttle {
        key: key.to_owned(),
        count: 0,
        window_start: now,
        blocked_until: None,
        updated_at: now,
        in_flight: 0,
    };
    match conn {
        DbConnection::Sqlite(c) => {
            let found = throttles::table.find(key).first(c).optional()?;
            if let Some(row) = found {
                return Ok(row);
            }
            diesel::insert_into(throttles::table).values(&new).execute(c)?;
            Ok(new)
        }
        DbConnection::Pg(c) => {
            let mut tries = 0;
            loop {
                diesel::insert_into(throttles::table).values(&new).on_conflict_do_nothing().execute(c)?;
                // The purge may take the row away between the two.
                let found: Option<Throttle> = throttles::table.find(key).for_update().first(c).optional()?;
                match found {
                    Some(row) => return Ok(row),
                    None if tries == 3 => return Err(diesel::result::Error::NotFound),
                    None => tries += 1,
                }
            }
        }
    }
}

pub fn save(conn: &mut DbConnection, row: &Throttle) -> QueryResult<()> {
    each!(conn, |c| diesel::update(throttles::table.find(&row.key)).set(row).execute(c)).map(|_| ())
}

pub fn find(conn: &mut DbConnection, key: &str) -> QueryResult<Option<Throttle>> {
    throttles::table.find(key).first(conn).optional()
}

/// Starts these counters anew. The rows stay, so that nobody who waits for one finds it gone.
pub fn reset(conn: &mut DbConnection, keys: &[String]) -> QueryResult<()> {
    let mut keys = keys.to_vec();
    keys.sort();
    for key in keys {
        diesel::update(throttles::table.find(key))
            .set((throttles::count.eq(0), throttles::blocked_until.eq(None::<Timestamp>)))
            .execute(conn)?;
    }
    Ok(())
}

/// Gives one back, for what turned out not to count.
pub fn give_back(conn: &mut DbConnection, key: &str) -> QueryResult<usize> {
    diesel::update(throttles::table.find(key).filter(throttles::count.gt(0)))
        .set(throttles::count.eq(throttles::count - 1))
        .execute(conn)
}

/// Removes counters nobody has touched since `before`.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(throttles::table.filter(throttles::updated_at.lt(before))).execute(conn)
}

/// Forgets what lies in the future: demo mode's clock was set back.
pub fn forget_future(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(throttles::table.filter(throttles::window_start.gt(now).or(throttles::updated_at.gt(now))))
        .execute(conn)
}
