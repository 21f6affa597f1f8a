//! Whom a filter of a list may fit, off indexes that hold few people. Each id comes once, so that as many as the
//! limit means that there are more. Literals, not bound values: they are what tells a database that a partial
//! index does.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Account, QueryResult, Role};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{domain_identities, factors, memberships, second_step_pauses, users};

/// Ids of users with a pause that runs, or a factor that was switched off.
pub fn locked(conn: &mut DbConnection, now: Timestamp, limit: i64) -> QueryResult<Vec<String>> {
    let mut found: Vec<String> = second_step_pauses::table
        .filter(second_step_pauses::paused_until.gt(now))
        .select(second_step_pauses::user_id)
        .distinct()
        .limit(limit)
        .load(conn)?;
    let off: Vec<String> = factors::table
        .filter(sql::<Bool>("state = 'switched_off'"))
        .select(factors::user_id)
        .limit(limit)
        .load(conn)?;
    found.extend(off);
    Ok(found)
}

/// Ids of users whose provider of domain accounts proved a second factor.
pub fn proven(conn: &mut DbConnection, limit: i64) -> QueryResult<Vec<String>> {
    domain_identities::table
        .filter(domain_identities::second_factor_at.is_not_null())
        .select(domain_identities::user_id)
        .distinct()
        .limit(limit)
        .load(conn)
}

/// Ids of users with an account in this state, which is not *active*.
pub fn with_account(conn: &mut DbConnection, account: Account, limit: i64) -> QueryResult<Vec<String>> {
    users::table
        .filter(users::account.eq(account))
        .filter(sql::<Bool>("account <> 'active'"))
        .select(users::id)
        .limit(limit)
        .load(conn)
}

/// Ids of memberships of these users, in these organizations or in all.
pub fn memberships_of(
    conn: &mut DbConnection,
    user_ids: &[String],
    organizations: Option<&[String]>,
) -> QueryResult<Vec<String>> {
    within(organizations).filter(memberships::user_id.eq_any(user_ids.to_vec())).select(memberships::id).load(conn)
}

/// Ids of memberships with an exemption that runs, in these organizations or in all.
pub fn exempt(
    conn: &mut DbConnection,
    organizations: Option<&[String]>,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<String>> {
    within(organizations).filter(memberships::exempt_until.gt(now)).select(memberships::id).limit(limit).load(conn)
}

/// Ids of memberships with this role, which is not *member*, in these organizations or in all.
pub fn in_role(
    conn: &mut DbConnection,
    organizations: Option<&[String]>,
    role: Role,
    limit: i64,
) -> QueryResult<Vec<String>> {
    within(organizations)
        .filter(memberships::role.eq(role))
        .filter(sql::<Bool>("memberships.role <> 'member'"))
        .select(memberships::id)
        .limit(limit)
        .load(conn)
}

type Memberships = memberships::BoxedQuery<'static, <DbConnection as Connection>::Backend>;

/// Memberships in these organizations, or in all.
fn within(organizations: Option<&[String]>) -> Memberships {
    match organizations {
        Some(ids) => memberships::table.filter(memberships::organization_id.eq_any(ids.to_vec())).into_boxed(),
        None => memberships::table.into_boxed(),
    }
}
