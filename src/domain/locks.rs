//! In which order rows are held: organizations by id, then people by id. Whoever held a person and waited for an
//! organization could wait for somebody who holds that one and waits for the person, and PostgreSQL ends one of
//! the two after a second. SQLite has one writer: nobody waits.

use std::collections::BTreeSet;

use crate::db::{DbConnection, Fault};
use crate::models::memberships::{self, Membership};
use crate::models::{Role, organizations, users};

/// Holds every organization that one of these people owns, so that owners are counted by one at a time.
pub fn owned(conn: &mut DbConnection, user_ids: &[String]) -> Result<(), Fault> {
    let held = hold_organizations(conn, user_ids, is_owner)?;
    all_held(&held, &places(conn, user_ids, is_owner)?)
}

/// Holds these people, and before them every organization that one of them owns.
pub fn people_and_owned(conn: &mut DbConnection, user_ids: &[String]) -> Result<(), Fault> {
    hold(conn, user_ids, is_owner).map(|_| ())
}

/// Holds somebody, and before them every organization they belong to; which these are.
pub fn person_and_places(conn: &mut DbConnection, user_id: &str) -> Result<BTreeSet<String>, Fault> {
    hold(conn, &[user_id.to_owned()], |_| true)
}

/// What is acted on is held. Somebody who has joined another organization meanwhile is to come back: to wait for
/// that one now would be the wrong order.
///
/// # Errors
/// `Fault::Busy`.
pub fn all_held(held: &BTreeSet<String>, places: &BTreeSet<String>) -> Result<(), Fault> {
    if places.is_subset(held) { Ok(()) } else { Err(Fault::Busy { retry_after_seconds: 2 }) }
}

/// Holds these people.
pub fn people(conn: &mut DbConnection, user_ids: &[String]) -> Result<(), Fault> {
    for id in BTreeSet::from_iter(user_ids) {
        users::lock(conn, id)?;
    }
    Ok(())
}

fn is_owner(membership: &Membership) -> bool {
    membership.role == Role::Owner
}

fn hold(
    conn: &mut DbConnection,
    user_ids: &[String],
    which: fn(&Membership) -> bool,
) -> Result<BTreeSet<String>, Fault> {
    let held = hold_organizations(conn, user_ids, which)?;
    people(conn, user_ids)?;
    all_held(&held, &places(conn, user_ids, which)?)?;
    Ok(held)
}

fn hold_organizations(
    conn: &mut DbConnection,
    user_ids: &[String],
    which: fn(&Membership) -> bool,
) -> Result<BTreeSet<String>, Fault> {
    let places = places(conn, user_ids, which)?;
    for id in &places {
        organizations::lock(conn, id)?;
    }
    Ok(places)
}

fn places(
    conn: &mut DbConnection,
    user_ids: &[String],
    which: fn(&Membership) -> bool,
) -> Result<BTreeSet<String>, Fault> {
    let mut places = BTreeSet::new();
    for id in user_ids {
        places.extend(memberships::list(conn, id)?.into_iter().filter(which).map(|m| m.organization_id));
    }
    Ok(places)
}
