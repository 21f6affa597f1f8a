//! How many people of an organization have enrolled what counts there: counted in the database, over
//! `memberships_by_organization` and `factors_by_user`.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Account, FactorKind, FactorState, QueryResult};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{factors, memberships, users};

/// The factors that count for an organization: of a user's those kinds, of its own these.
#[derive(Clone, Debug)]
pub struct Counting {
    pub organization_id: String,
    pub of_user: Vec<FactorKind>,
    pub own: Vec<FactorKind>,
}

/// Everybody who may sign in.
macro_rules! people {
    ($organization_id:expr) => {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::organization_id.eq($organization_id))
            .filter(memberships::disabled_at.is_null())
            .filter(users::account.eq(Account::Active))
    };
}

/// Somebody's active factors that count.
macro_rules! counting {
    ($counting:expr) => {
        factors::table
            .filter(factors::user_id.eq(memberships::user_id))
            .filter(factors::state.eq(FactorState::Active))
            .filter(
                factors::organization_id.is_null().and(factors::kind.eq_any($counting.of_user.clone())).or(
                    factors::organization_id
                        .eq($counting.organization_id.clone())
                        .and(factors::kind.eq_any($counting.own.clone())),
                ),
            )
    };
}

/// Those who have nothing that counts, and are not exempt.
macro_rules! without {
    ($counting:expr, $now:expr) => {
        people!(&$counting.organization_id)
            .filter(memberships::exempt_until.is_null().or(memberships::exempt_until.le($now)))
            .filter(not(exists(counting!($counting))))
    };
}

pub fn people(conn: &mut DbConnection, organization_id: &str) -> QueryResult<i64> {
    people!(organization_id).count().get_result(conn)
}

pub fn without(conn: &mut DbConnection, counting: &Counting, now: Timestamp) -> QueryResult<i64> {
    without!(counting, now).count().get_result(conn)
}

/// Those of them who have neither a phone nor e-mail codes of any scope.
pub fn without_phone_or_email(conn: &mut DbConnection, counting: &Counting, now: Timestamp) -> QueryResult<i64> {
    let sent = factors::table
        .filter(factors::user_id.eq(memberships::user_id))
        .filter(factors::state.eq(FactorState::Active))
        .filter(factors::kind.eq_any([FactorKind::Phone, FactorKind::Email]));
    without!(counting, now).filter(not(exists(sent))).count().get_result(conn)
}

/// The names of the first of them.
pub fn first_without(
    conn: &mut DbConnection,
    counting: &Counting,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<String>> {
    let names: Vec<(String, String)> = without!(counting, now)
        .order(memberships::user_id)
        .select((users::first_name, users::last_name))
        .limit(limit)
        .load(conn)?;
    Ok(names.into_iter().map(|(first, last)| format!("{first} {last}").trim().to_owned()).collect())
}

/// Those who have something that counts now, and nothing that would count then.
pub fn losing(conn: &mut DbConnection, now: &Counting, then: &Counting) -> QueryResult<i64> {
    people!(&now.organization_id)
        .filter(exists(counting!(now)))
        .filter(not(exists(counting!(then))))
        .count()
        .get_result(conn)
}
