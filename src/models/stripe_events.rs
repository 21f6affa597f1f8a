//! Events of the identity provider that were acted on: each once.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::stripe_events;

/// What an event that arrives is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    First,
    /// The provider sends it again, under a newer signature.
    Again,
    /// The same post once more, or an older one.
    Replayed,
}

/// What it would be; changes nothing.
pub fn look(conn: &mut DbConnection, id: &str, signed_at: i64) -> QueryResult<Arrival> {
    let last: Option<i64> = stripe_events::table.find(id).select(stripe_events::signed_at).first(conn).optional()?;
    Ok(match last {
        None => Arrival::First,
        Some(last) if signed_at > last => Arrival::Again,
        Some(_) => Arrival::Replayed,
    })
}

/// Takes an event in; `Arrival::First` for one caller only.
pub fn take(conn: &mut DbConnection, id: &str, signed_at: i64, now: Timestamp) -> QueryResult<Arrival> {
    let row = (stripe_events::id.eq(id), stripe_events::signed_at.eq(signed_at), stripe_events::received_at.eq(now));
    let new =
        each!(conn, |c| diesel::insert_into(stripe_events::table).values(row).on_conflict_do_nothing().execute(c))?;
    if new == 1 {
        return Ok(Arrival::First);
    }
    let newer = diesel::update(stripe_events::table.find(id).filter(stripe_events::signed_at.lt(signed_at)))
        .set(stripe_events::signed_at.eq(signed_at))
        .execute(conn)?;
    Ok(if newer == 1 { Arrival::Again } else { Arrival::Replayed })
}

/// Removes what the provider no longer sends again.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(stripe_events::table.filter(stripe_events::received_at.lt(before))).execute(conn)
}
