//! What lists of people are sorted and searched by. Keys are bytes, which both databases compare alike.

use diesel::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::QueryResult;
use super::memberships::Membership;
use super::organizations::Organization;
use super::users::{User, fold};
use crate::db::{DbConnection, each};
use crate::schema::{directory_entries as entries, memberships, organizations, users};

/// "last first": what lists are sorted by.
pub const LAST_FIRST: i64 = 0;
const FIRST_LAST: i64 = 1;
const USERNAME: i64 = 2;
const EMAIL: i64 = 3;
/// Every kind, for a search.
pub const KINDS: [i64; 4] = [LAST_FIRST, FIRST_LAST, USERNAME, EMAIL];

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = entries)]
pub struct DirectoryEntry {
    pub membership_id: String,
    pub kind: i64,
    pub organization_id: String,
    pub key: Vec<u8>,
}

/// Where in the order of a list somebody stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct Place {
    pub key: Vec<u8>,
    pub membership_id: String,
}

/// Text as keys hold it: lower case, no accents ("Núñez" stands and is found as "nunez"), one space between
/// words.
pub fn key(text: &str) -> String {
    let plain: String = fold(text).nfd().filter(|c| !is_combining_mark(*c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The keys of somebody, by kind.
pub fn keys(user: &User) -> [(i64, String); 4] {
    [
        (LAST_FIRST, key(&format!("{} {}", user.last_name, user.first_name))),
        (FIRST_LAST, key(&format!("{} {}", user.first_name, user.last_name))),
        (USERNAME, key(&user.username)),
        (EMAIL, key(&user.email)),
    ]
}

/// Writes the entries of a membership. Where another node has just done so, that stands.
pub fn write(conn: &mut DbConnection, membership: &Membership, user: &User) -> QueryResult<()> {
    for (kind, key) in keys(user) {
        let row = DirectoryEntry {
            membership_id: membership.id.clone(),
            kind,
            organization_id: membership.organization_id.clone(),
            key: key.into_bytes(),
        };
        each!(conn, |c| diesel::insert_into(entries::table).values(&row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Writes the entries of somebody anew, after a name, the username or the address has changed.
pub fn refresh(conn: &mut DbConnection, user_id: &str) -> QueryResult<()> {
    let Some(user) = super::users::find(conn, user_id)? else { return Ok(()) };
    let ids: Vec<String> =
        memberships::table.filter(memberships::user_id.eq(user_id)).select(memberships::id).limit(1_000).load(conn)?;
    for (kind, key) in keys(&user) {
        diesel::update(
            entries::table.filter(entries::membership_id.eq_any(ids.clone())).filter(entries::kind.eq(kind)),
        )
        .set(entries::key.eq(key.into_bytes()))
        .execute(conn)?;
    }
    Ok(())
}

/// Memberships without entries, by id, from the one after `after`: they are older than this table.
pub fn list_missing(conn: &mut DbConnection, after: &str, limit: i64) -> QueryResult<Vec<(Membership, User)>> {
    memberships::table
        .inner_join(users::table)
        .filter(memberships::id.gt(after))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            entries::table.filter(entries::membership_id.eq(memberships::id)),
        )))
        .order(memberships::id)
        .limit(limit)
        .load(conn)
}

/// Keys of one kind: all of them, or those from the first up to, but not with, the second.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub kind: i64,
    pub range: Option<(Vec<u8>, Vec<u8>)>,
}

/// Places in the order of their keys after `after`, in one organization or in all.
pub fn list_places(
    conn: &mut DbConnection,
    organization_id: Option<&str>,
    stretch: &Stretch,
    after: Option<&Place>,
    limit: i64,
) -> QueryResult<Vec<Place>> {
    let mut query = entries::table.filter(entries::kind.eq(stretch.kind)).into_boxed();
    if let Some(id) = organization_id {
        query = query.filter(entries::organization_id.eq(id.to_owned()));
    }
    let from = stretch.range.as_ref().map(|(from, _)| from);
    // One lower bound alone is what an index can begin at.
    match (after, from) {
        (Some(after), from) if from.is_none_or(|from| *from <= after.key) => {
            let behind = entries::key.gt(after.key.clone()).or(entries::membership_id.gt(after.membership_id.clone()));
            query = query.filter(entries::key.ge(after.key.clone())).filter(behind);
        }
        (_, Some(from)) => query = query.filter(entries::key.ge(from.clone())),
        _ => {}
    }
    if let Some((_, to)) = &stretch.range {
        query = query.filter(entries::key.lt(to.clone()));
    }
    query
        .order((entries::key, entries::membership_id))
        .select((entries::key, entries::membership_id))
        .limit(limit)
        .load(conn)
}

/// Memberships with a key of one kind from `from` up to, but not with, `to`, in no order; in these
/// organizations or in all.
pub fn list_matches(
    conn: &mut DbConnection,
    organizations: Option<&[String]>,
    kind: i64,
    (from, to): (&[u8], &[u8]),
    limit: i64,
) -> QueryResult<Vec<String>> {
    let mut query = entries::table
        .filter(entries::kind.eq(kind))
        .filter(entries::key.ge(from.to_vec()))
        .filter(entries::key.lt(to.to_vec()))
        .into_boxed();
    if let Some(ids) = organizations {
        query = query.filter(entries::organization_id.eq_any(ids.to_vec()));
    }
    query.select(entries::membership_id).limit(limit).load(conn)
}

/// The places of these memberships, in no order.
pub fn places_of(conn: &mut DbConnection, membership_ids: &[String]) -> QueryResult<Vec<Place>> {
    let mut found = Vec::new();
    for ids in membership_ids.chunks(500) {
        found.extend(
            entries::table
                .filter(entries::kind.eq(LAST_FIRST))
                .filter(entries::membership_id.eq_any(ids.to_vec()))
                .select((entries::key, entries::membership_id))
                .load::<Place>(conn)?,
        );
    }
    Ok(found)
}

/// Everything about these memberships, in no order.
pub fn load(conn: &mut DbConnection, membership_ids: &[String]) -> QueryResult<Vec<(Membership, User, Organization)>> {
    memberships::table
        .inner_join(users::table)
        .inner_join(organizations::table)
        .filter(memberships::id.eq_any(membership_ids.to_vec()))
        .select((memberships::all_columns, users::all_columns, organizations::all_columns))
        .load(conn)
}

/// How many memberships there are, counted up to `limit`.
pub fn count_up_to(conn: &mut DbConnection, organizations: Option<&[String]>, limit: i64) -> QueryResult<usize> {
    let mut query = entries::table.filter(entries::kind.eq(LAST_FIRST)).into_boxed();
    if let Some(ids) = organizations {
        query = query.filter(entries::organization_id.eq_any(ids.to_vec()));
    }
    query.select(entries::membership_id).limit(limit).load::<String>(conn).map(|ids| ids.len())
}
