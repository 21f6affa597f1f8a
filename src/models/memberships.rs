//! Who belongs to which organization, and as what.

use diesel::prelude::*;

use super::organizations::Organization;
use super::users::{User, fold};
use super::{Account, QueryResult, Role, directory_entries, users};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::{memberships, organizations, users as user_rows};

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

/// Adds a membership, and what lists find it by.
pub fn insert(conn: &mut DbConnection, row: &Membership) -> QueryResult<()> {
    diesel::insert_into(memberships::table).values(row).execute(conn)?;
    match users::find(conn, &row.user_id)? {
        Some(user) => directory_entries::write(conn, row, &user),
        None => Ok(()),
    }
}

pub fn find(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<Option<Membership>> {
    memberships::table
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::organization_id.eq(organization_id))
        .first(conn)
        .optional()
}

/// Every membership of somebody with its organization, ended ones too; oldest first.
pub fn list_with_organizations(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<(Membership, Organization)>> {
    memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq(user_id))
        .order((memberships::created_at, memberships::id))
        .limit(1_000)
        .load(conn)
}

/// Where these people belong, oldest first.
pub fn list_of_users(conn: &mut DbConnection, user_ids: &[String]) -> QueryResult<Vec<(Membership, Organization)>> {
    memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq_any(user_ids.to_vec()))
        .order((memberships::created_at, memberships::id))
        .load(conn)
}

/// Ends what was made under the present epoch in one organization.
pub fn bump_epoch(conn: &mut DbConnection, id: &str) -> QueryResult<usize> {
    diesel::update(memberships::table.find(id)).set(memberships::mfa_epoch.eq(memberships::mfa_epoch + 1)).execute(conn)
}

/// Changes a role; `false` unless it was still `from`.
pub fn set_role(conn: &mut DbConnection, id: &str, from: Role, to: Role) -> QueryResult<bool> {
    diesel::update(memberships::table.find(id).filter(memberships::role.eq(from)))
        .set(memberships::role.eq(to))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Stops a membership; `false` when it was stopped already.
pub fn disable(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(memberships::table.find(id).filter(memberships::disabled_at.is_null()))
        .set(memberships::disabled_at.eq(now))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Lets a membership count again; `false` when it did.
pub fn enable(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(memberships::table.find(id).filter(memberships::disabled_at.is_not_null()))
        .set(memberships::disabled_at.eq(None::<Timestamp>))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Whether an organization has an owner who can sign in, besides this person.
pub fn has_other_owner(conn: &mut DbConnection, organization_id: &str, user_id: &str) -> QueryResult<bool> {
    has_other(conn, organization_id, user_id, &[Role::Owner])
}

/// Whether it has somebody who can sign in and administers it, besides this person.
pub fn has_other_admin(conn: &mut DbConnection, organization_id: &str, user_id: &str) -> QueryResult<bool> {
    has_other(conn, organization_id, user_id, &[Role::Admin, Role::Owner])
}

fn has_other(conn: &mut DbConnection, organization_id: &str, user_id: &str, roles: &[Role]) -> QueryResult<bool> {
    let found: Option<String> = memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::role.eq_any(roles.to_vec()))
        .filter(memberships::user_id.ne(user_id))
        .filter(memberships::disabled_at.is_null())
        .filter(user_rows::account.eq(Account::Active))
        .select(memberships::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

pub fn find_by_id(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Membership>> {
    memberships::table.find(id).first(conn).optional()
}

/// The memberships somebody can enter, with their organizations, oldest first.
pub fn list_active(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<(Membership, Organization)>> {
    let query = memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::disabled_at.is_null())
        .filter(organizations::disabled_at.is_null())
        .order((memberships::created_at, memberships::id))
        .limit(1_000);
    each!(conn, |c| query.load(c))
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

/// How many of them have accounts that were used: nobody who was only invited.
pub fn count_joined(conn: &mut DbConnection, organization_id: &str) -> QueryResult<i64> {
    memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::organization_id.eq(organization_id))
        .filter(user_rows::account.ne(Account::Invited))
        .count()
        .get_result(conn)
}

/// Ends a membership; `true` for the one caller who did.
pub fn delete(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::delete(memberships::table.find(id)).execute(conn).map(|n| n == 1)
}

/// The members of an organization, ended ones left out, whose username or e-mail address is among these
/// (in lower case).
pub fn members_called(conn: &mut DbConnection, organization_id: &str, names: &[String]) -> QueryResult<Vec<User>> {
    let mut found = Vec::new();
    for batch in names.chunks(500) {
        let batch = batch.to_vec();
        let called = user_rows::username_lower.eq_any(batch.clone()).or(user_rows::email_lower.eq_any(batch));
        let rows: Vec<User> = memberships::table
            .inner_join(user_rows::table)
            .filter(memberships::organization_id.eq(organization_id))
            .filter(memberships::disabled_at.is_null())
            .filter(called)
            .select(user_rows::all_columns)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Whether anybody administers an organization who was more than invited.
pub fn has_admin(conn: &mut DbConnection, organization_id: &str) -> QueryResult<bool> {
    let found: Option<String> = memberships::table
        .inner_join(user_rows::table)
        .filter(user_rows::account.ne(Account::Invited))
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::role.eq_any([Role::Admin, Role::Owner]))
        .filter(memberships::disabled_at.is_null())
        .select(memberships::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
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

/// The epoch of somebody's membership: what was proven for the organization under an older one is void.
pub fn epoch(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<Option<i64>> {
    memberships::table
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::organization_id.eq(organization_id))
        .select(memberships::mfa_epoch)
        .first(conn)
        .optional()
}

/// The owners of an organization.
pub fn owner_user_ids(conn: &mut DbConnection, organization_id: &str) -> QueryResult<Vec<String>> {
    memberships::table
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::role.eq(Role::Owner))
        .filter(memberships::disabled_at.is_null())
        .order(memberships::user_id)
        .select(memberships::user_id)
        .limit(1_000)
        .load(conn)
}

/// People with their memberships in an organization, from the one after `after`.
pub fn list_people(
    conn: &mut DbConnection,
    organization_id: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(Membership, User)>> {
    memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::user_id.gt(after))
        .order(memberships::user_id)
        .limit(limit)
        .load(conn)
}

/// Somebody of an organization by the full and exact username, case apart.
pub fn find_person(
    conn: &mut DbConnection,
    organization_id: &str,
    username: &str,
) -> QueryResult<Option<(Membership, User)>> {
    memberships::table
        .inner_join(user_rows::table)
        .filter(user_rows::username_lower.eq(fold(username)))
        .filter(memberships::organization_id.eq(organization_id))
        .first(conn)
        .optional()
}

/// Who is exempt now, the first to end first, from the one after `after`.
pub fn list_exempt(
    conn: &mut DbConnection,
    organization_id: &str,
    after: (Timestamp, &str),
    limit: i64,
) -> QueryResult<Vec<(Membership, User)>> {
    let (at, id) = after;
    memberships::table
        .inner_join(user_rows::table)
        .filter(memberships::organization_id.eq(organization_id))
        .filter(
            memberships::exempt_until
                .gt(at)
                .or(memberships::exempt_until.eq(at).and(memberships::id.gt(id.to_owned()))),
        )
        .order((memberships::exempt_until, memberships::id))
        .limit(limit)
        .load(conn)
}

/// Sets an exemption, or ends it; `false` when there is no such membership.
pub fn set_exemption(
    conn: &mut DbConnection,
    organization_id: &str,
    id: &str,
    exemption: Option<(Timestamp, &str)>,
) -> QueryResult<bool> {
    diesel::update(memberships::table.find(id).filter(memberships::organization_id.eq(organization_id)))
        .set((
            memberships::exempt_until.eq(exemption.map(|(until, _)| until)),
            memberships::exempt_reason.eq(exemption.map(|(_, reason)| reason)),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}
