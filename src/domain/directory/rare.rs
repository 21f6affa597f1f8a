//! Filters that few people fit: who is locked, exempt, an administrator, not active is found by an index of
//! those alone and put in order, so that a list need not be walked for them. What they fit is looked at all the same.

use std::collections::BTreeSet;

use super::{Query, StatusFilter};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::DIRECTORY_EXAMINED;
use crate::models::directory_candidates as candidates;
use crate::models::directory_entries::{self, Place};
use crate::models::{Account, Role};

/// The places of all who can fit, in no order, by the first filter that says so; `None` where no filter does, or
/// so many would have to be looked at that walking the list costs no more.
pub fn places(conn: &mut DbConnection, query: &Query, now: Timestamp) -> Result<Option<Vec<Place>>, Fault> {
    for of in [by_status, by_account, by_role] {
        if let Some(found) = of(conn, query, now)? {
            let ids: Vec<String> = found.into_iter().collect();
            return Ok(Some(directory_entries::places_of(conn, &ids)?));
        }
    }
    Ok(None)
}

type Found = Result<Option<BTreeSet<String>>, Fault>;

/// One more than may be looked at.
const LIMIT: i64 = DIRECTORY_EXAMINED as i64 + 1;

fn by_status(conn: &mut DbConnection, query: &Query, now: Timestamp) -> Found {
    match query.status {
        Some(StatusFilter::Locked) => {
            let users = candidates::locked(conn, now, LIMIT)?;
            of_users(conn, users, query)
        }
        Some(StatusFilter::Sso) => {
            let users = candidates::proven(conn, LIMIT)?;
            of_users(conn, users, query)
        }
        Some(StatusFilter::AdminsByEmail | StatusFilter::AdminsWithout) => {
            let mut found = candidates::in_role(conn, query.within.ids(), Role::Admin, LIMIT)?;
            found.extend(candidates::in_role(conn, query.within.ids(), Role::Owner, LIMIT)?);
            Ok(few(found))
        }
        Some(StatusFilter::Exempt) => Ok(few(candidates::exempt(conn, query.within.ids(), now, LIMIT)?)),
        _ => Ok(None),
    }
}

fn by_account(conn: &mut DbConnection, query: &Query, _: Timestamp) -> Found {
    match query.account {
        Some(account) if account != Account::Active => {
            let users = candidates::with_account(conn, account, LIMIT)?;
            of_users(conn, users, query)
        }
        _ => Ok(None),
    }
}

fn by_role(conn: &mut DbConnection, query: &Query, _: Timestamp) -> Found {
    match query.role {
        Some(role) if role != Role::Member => Ok(few(candidates::in_role(conn, query.within.ids(), role, LIMIT)?)),
        _ => Ok(None),
    }
}

/// The memberships of these users that may be listed.
fn of_users(conn: &mut DbConnection, users: Vec<String>, query: &Query) -> Found {
    let Some(users) = few(users) else { return Ok(None) };
    let mut found = BTreeSet::new();
    for ids in users.into_iter().collect::<Vec<_>>().chunks(500) {
        found.extend(candidates::memberships_of(conn, ids, query.within.ids())?);
    }
    Ok(few(found))
}

fn few(ids: impl IntoIterator<Item = String>) -> Option<BTreeSet<String>> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    (ids.len() <= DIRECTORY_EXAMINED).then_some(ids)
}
