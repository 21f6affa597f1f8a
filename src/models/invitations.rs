//! Who was invited where, and has not come yet. An offer is for somebody who has an account.

use diesel::prelude::*;

use super::organizations::Organization;
use super::{Account, QueryResult, Role};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{invitations, organizations, users};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
pub struct Invitation {
    pub id: String,
    pub organization_id: String,
    pub user_id: String,
    /// Address and names as they were typed, which need not be those of the account.
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub role: Role,
    /// Whether the membership only begins once it is accepted.
    pub offer: bool,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Not settled: an offer, or an account that was not finished yet.
macro_rules! open {
    () => {
        invitations::offer.eq(true).or(users::account.eq_any([Account::Invited, Account::Unfinished]))
    };
}

pub fn insert(conn: &mut DbConnection, row: &Invitation) -> QueryResult<()> {
    diesel::insert_into(invitations::table).values(row).execute(conn).map(|_| ())
}

pub fn find_of(conn: &mut DbConnection, organization_id: &str, user_id: &str) -> QueryResult<Option<Invitation>> {
    invitations::table
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::user_id.eq(user_id))
        .first(conn)
        .optional()
}

/// One of an organization's that is still open.
pub fn find_open(conn: &mut DbConnection, organization_id: &str, id: &str) -> QueryResult<Option<Invitation>> {
    invitations::table
        .inner_join(users::table)
        .filter(invitations::id.eq(id))
        .filter(invitations::organization_id.eq(organization_id))
        .filter(open!())
        .select(Invitation::as_select())
        .first(conn)
        .optional()
}

/// The open ones of an organization, newest first, older than `before` (an id) when given.
pub fn list_open(
    conn: &mut DbConnection,
    organization_id: &str,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Invitation>> {
    let mut query = invitations::table
        .inner_join(users::table)
        .filter(invitations::organization_id.eq(organization_id.to_owned()))
        .filter(open!())
        .select(Invitation::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(invitations::id.lt(before.to_owned()));
    }
    query.order(invitations::id.desc()).limit(limit).load(conn)
}

/// The open ones of an organization that make somebody its account holder; that many at most.
pub fn list_open_of_owners(conn: &mut DbConnection, organization_id: &str, limit: i64) -> QueryResult<Vec<Invitation>> {
    invitations::table
        .inner_join(users::table)
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::role.eq(Role::Owner))
        .filter(open!())
        .select(Invitation::as_select())
        .order(invitations::id)
        .limit(limit)
        .load(conn)
}

/// What somebody may accept.
pub fn list_offers(
    conn: &mut DbConnection,
    user_id: &str,
    now: Timestamp,
) -> QueryResult<Vec<(Invitation, Organization)>> {
    invitations::table
        .inner_join(organizations::table)
        .filter(invitations::user_id.eq(user_id))
        .filter(invitations::offer.eq(true))
        .filter(invitations::expires_at.gt(now))
        .filter(organizations::disabled_at.is_null())
        .order(invitations::id.desc())
        .limit(100)
        .load(conn)
}

/// Sent again.
pub fn renew(
    conn: &mut DbConnection,
    id: &str,
    role: Role,
    now: Timestamp,
    expires_at: Timestamp,
) -> QueryResult<bool> {
    diesel::update(invitations::table.find(id))
        .set((invitations::role.eq(role), invitations::sent_at.eq(now), invitations::expires_at.eq(expires_at)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Takes an offer away, to accept or to decline it; `true` for the one caller who did.
pub fn take_offer(conn: &mut DbConnection, id: &str, user_id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::delete(
        invitations::table
            .find(id)
            .filter(invitations::user_id.eq(user_id))
            .filter(invitations::offer.eq(true))
            .filter(invitations::expires_at.gt(now)),
    )
    .execute(conn)
    .map(|n| n == 1)
}

pub fn delete_of(conn: &mut DbConnection, organization_id: &str, user_id: &str) -> QueryResult<usize> {
    diesel::delete(
        invitations::table
            .filter(invitations::organization_id.eq(organization_id))
            .filter(invitations::user_id.eq(user_id)),
    )
    .execute(conn)
}

/// Removes what was sent before `before`, whether it was an offer or not: when a row goes tells nobody which.
pub fn purge(conn: &mut DbConnection, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(invitations::table.filter(invitations::sent_at.lt(before))).execute(conn)
}
