//! How many people of an organization have enrolled what counts there: counted in the database, over
//! `memberships_by_organization` and `factors_by_user`, and of a large organization for its first people only.

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
    pub reach: Reach,
}

/// How far counting goes.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The user id of the last who is looked at.
    last: String,
    /// There is nobody behind that.
    pub whole: bool,
}

/// The first `limit` members of an organization, by user id.
pub fn reach(conn: &mut DbConnection, organization_id: &str, limit: i64) -> QueryResult<Reach> {
    let members = memberships::table.filter(memberships::organization_id.eq(organization_id));
    let ids = members.select(memberships::user_id);
    let mut there: Vec<String> = ids.order(memberships::user_id).offset(limit - 1).limit(2).load(conn)?;
    let whole = there.len() < 2;
    if there.is_empty() {
        there = ids.order(memberships::user_id.desc()).limit(1).load(conn)?;
    }
    // Nobody at all: no id is before the empty one.
    Ok(Reach { last: there.into_iter().next().unwrap_or_default(), whole })
}

/// Everybody who may sign in.
macro_rules! people {
    ($counting:expr) => {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::organization_id.eq(&$counting.organization_id))
            .filter(memberships::user_id.le(&$counting.reach.last))
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
        people!($counting)
            .filter(memberships::exempt_until.is_null().or(memberships::exempt_until.le($now)))
            .filter(not(exists(counting!($counting))))
    };
}

pub fn people(conn: &mut DbConnection, counting: &Counting) -> QueryResult<i64> {
    people!(counting).count().get_result(conn)
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
    people!(now).filter(exists(counting!(now))).filter(not(exists(counting!(then)))).count().get_result(conn)
}
