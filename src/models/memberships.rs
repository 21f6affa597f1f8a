//! Who belongs to which organization, and as what.

use diesel::prelude::*;

use super::organizations::Organization;
use super::{QueryResult, Role};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{memberships, organizations};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Membership {
    pub id: String,
    pub user_id: String,
    pub organization_id: String,
    pub role: Role,
    pub mfa_epoch: i64,
    pub exempt_until: Option<Timestamp>,
    pub exempt_reason: Option<String>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &Membership) -> QueryResult<()> {
    diesel::insert_into(memberships::table).values(row).execute(conn).map(|_| ())
}

/// The memberships somebody can enter, with their organizations, oldest first.
pub fn list_active(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<(Membership, Organization)>> {
    memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::disabled_at.is_null())
        .filter(organizations::disabled_at.is_null())
        .order((memberships::created_at, memberships::id))
        .limit(1_000)
        .load(conn)
}

/// Every membership of somebody, ended ones too.
pub fn list(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<Membership>> {
    memberships::table
        .filter(memberships::user_id.eq(user_id))
        .order((memberships::created_at, memberships::id))
        .limit(1_000)
        .load(conn)
}

/// The users who administer an organization.
pub fn admin_user_ids(conn: &mut DbConnection, organization_id: &str) -> QueryResult<Vec<String>> {
    memberships::table
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::role.eq_any([Role::Admin, Role::Owner]))
        .filter(memberships::disabled_at.is_null())
        .order(memberships::user_id)
        .select(memberships::user_id)
        .limit(1_000)
        .load(conn)
}

/// How many people an organization has.
pub fn count(conn: &mut DbConnection, organization_id: &str) -> QueryResult<i64> {
    memberships::table.filter(memberships::organization_id.eq(organization_id)).count().get_result(conn)
}

/// Somebody's membership in an organization, while both stand.
pub fn find_active(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<Option<Membership>> {
    memberships::table
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::disabled_at.is_null())
        .first(conn)
        .optional()
}
