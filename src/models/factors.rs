//! What people enrolled to prove who they are.

use diesel::prelude::*;

use super::users::fold;
use super::{FactorKind, FactorState, QueryResult, Scope};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::factors;

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Factor {
    pub id: String,
    pub user_id: String,
    pub kind: FactorKind,
    pub scope: Scope,
    pub organization_id: Option<String>,
    pub name: String,
    pub state: FactorState,
    /// E.164, for phones.
    pub phone: Option<String>,
    /// For e-mail codes.
    pub email: Option<String>,
    /// Sealed as `factors:secret:<id>`.
    pub secret: Option<Vec<u8>>,
    pub secret_key_id: Option<String>,
    pub algorithm: String,
    pub digits: i64,
    /// Seconds per step.
    pub period: i64,
    /// The last accepted step; only later ones are accepted (RFC 6238 section 5.2).
    pub last_step: i64,
    pub serial: Option<String>,
    pub failed_in_row: i64,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    /// While it is being set up: the session that may finish it, and until when.
    pub pending_session_id: Option<String>,
    pub pending_until: Option<Timestamp>,
}

/// The place a factor's secret is sealed for.
pub fn secret_place(id: &str) -> String {
    format!("factors:secret:{id}")
}

pub fn insert(conn: &mut DbConnection, row: &Factor) -> QueryResult<()> {
    diesel::insert_into(factors::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Factor>> {
    factors::table.find(id).first(conn).optional()
}

/// All factors of somebody, last used first.
pub fn list(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<Factor>> {
    let query = factors::table.filter(factors::user_id.eq(user_id)).order(factors::id).limit(200);
    let mut rows: Vec<Factor> = each!(conn, |c| query.load(c))?;
    rows.sort_by(|a, b| b.last_used_at.cmp(&a.last_used_at).then_with(|| a.id.cmp(&b.id)));
    Ok(rows)
}

/// All factors of these people.
pub fn list_of_users(conn: &mut DbConnection, user_ids: &[String]) -> QueryResult<Vec<Factor>> {
    factors::table.filter(factors::user_id.eq_any(user_ids.to_vec())).order(factors::id).limit(10_000).load(conn)
}

/// Takes a TOTP step: `true` for the one caller whose step is later than every accepted one.
/// ASVS 6.5.1, NIST SP 800-63B-4 section 3.1.4.2.
pub fn claim_step(conn: &mut DbConnection, id: &str, step: i64, now: Timestamp) -> QueryResult<bool> {
    diesel::update(
        factors::table.find(id).filter(factors::last_step.lt(step)).filter(factors::state.eq(FactorState::Active)),
    )
    .set((factors::last_step.eq(step), factors::last_used_at.eq(now), factors::failed_in_row.eq(0)))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// Marks a factor as used; `false` when it is no longer active.
pub fn used(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(factors::table.find(id).filter(factors::state.eq(FactorState::Active)))
        .set((factors::last_used_at.eq(now), factors::failed_in_row.eq(0)))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Counts a wrong code against the factors it was tried on.
pub fn count_failure(conn: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    diesel::update(
        factors::table.filter(factors::id.eq_any(ids.to_vec())).filter(factors::state.eq(FactorState::Active)),
    )
    .set(factors::failed_in_row.eq(factors::failed_in_row + 1))
    .execute(conn)
}

/// A right code ends the row of failures of everything it was tried on.
pub fn forget_failures(conn: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::update(factors::table.filter(factors::id.eq_any(ids.to_vec())).filter(factors::failed_in_row.gt(0)))
        .set(factors::failed_in_row.eq(0))
        .execute(conn)
}

/// Takes accepted steps back that lie after `step` of a 30-second clock: demo mode's clock was set back.
pub fn pull_in_steps(conn: &mut DbConnection, now_seconds: i64) -> QueryResult<usize> {
    diesel::update(factors::table.filter((factors::last_step * factors::period).gt(now_seconds)))
        .set(factors::last_step.eq(0))
        .execute(conn)
}

/// Switches off what has reached `cap` failures in a row; returns how many.
pub fn switch_off_at(conn: &mut DbConnection, user_id: &str, cap: i64) -> QueryResult<usize> {
    diesel::update(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::failed_in_row.ge(cap))
            .filter(factors::state.eq(FactorState::Active)),
    )
    .set(factors::state.eq(FactorState::SwitchedOff))
    .execute(conn)
}

/// Turns on what waited for its first proof; `false` when it waits no longer.
pub fn confirm(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(factors::table.find(id).filter(factors::state.eq(FactorState::Pending)))
        .set((
            factors::state.eq(FactorState::Active),
            factors::confirmed_at.eq(now),
            factors::last_used_at.eq(now),
            factors::pending_session_id.eq(None::<String>),
            factors::pending_until.eq(None::<Timestamp>),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Gives one of somebody's factors another name; `false` when there is none.
pub fn rename(conn: &mut DbConnection, user_id: &str, id: &str, name: &str) -> QueryResult<bool> {
    diesel::update(factors::table.find(id).filter(factors::user_id.eq(user_id)))
        .set(factors::name.eq(name))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Removes one of somebody's factors; `false` when it is gone already.
pub fn delete_of(conn: &mut DbConnection, user_id: &str, id: &str) -> QueryResult<bool> {
    diesel::delete(factors::table.find(id).filter(factors::user_id.eq(user_id))).execute(conn).map(|rows| rows == 1)
}

/// Removes what somebody enrolled for themselves of these kinds, in this state or any.
pub fn delete_of_user(
    conn: &mut DbConnection,
    user_id: &str,
    kinds: &[FactorKind],
    state: Option<FactorState>,
) -> QueryResult<usize> {
    let states = state.map_or_else(|| FactorState::ALL.to_vec(), |state| vec![state]);
    diesel::delete(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::scope.eq(Scope::User))
            .filter(factors::kind.eq_any(kinds.to_vec()))
            .filter(factors::state.eq_any(states)),
    )
    .execute(conn)
}

/// Removes these.
pub fn delete(conn: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::delete(factors::table.filter(factors::id.eq_any(ids.to_vec()))).execute(conn)
}

/// Hardware tokens that stay with their owner and have to be activated again. The last step stays, so that
/// no code is taken twice.
pub fn deactivate_all(conn: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::update(factors::table.filter(factors::id.eq_any(ids.to_vec())))
        .set((factors::state.eq(FactorState::Deactivated), factors::failed_in_row.eq(0)))
        .execute(conn)
}

/// Removes what somebody enrolled for an organization: it goes with the membership. SPEC section 6.
pub fn delete_of_organization(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<usize> {
    diesel::delete(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::scope.eq(Scope::Organization))
            .filter(factors::organization_id.eq(organization_id)),
    )
    .execute(conn)
}

/// What of a kind is being set up in this session and may still be finished.
pub fn find_pending(
    conn: &mut DbConnection,
    user_id: &str,
    session_id: &str,
    kind: FactorKind,
    now: Timestamp,
) -> QueryResult<Option<Factor>> {
    factors::table
        .filter(factors::user_id.eq(user_id))
        .filter(factors::kind.eq(kind))
        .filter(factors::pending_session_id.eq(session_id))
        .filter(factors::pending_until.gt(now))
        .filter(factors::state.eq(FactorState::Pending))
        .order(factors::id.desc())
        .first(conn)
        .optional()
}

/// Drops everything of somebody's that was only begun in a session.
pub fn delete_pending(conn: &mut DbConnection, user_id: &str) -> QueryResult<usize> {
    diesel::delete(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::pending_session_id.is_not_null())
            .filter(factors::state.eq(FactorState::Pending)),
    )
    .execute(conn)
}

/// Drops what of a kind was begun in one session.
pub fn delete_pending_of_session(
    conn: &mut DbConnection,
    user_id: &str,
    session_id: &str,
    kind: FactorKind,
) -> QueryResult<usize> {
    diesel::delete(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::kind.eq(kind))
            .filter(factors::pending_session_id.eq(session_id))
            .filter(factors::state.eq(FactorState::Pending)),
    )
    .execute(conn)
}

/// Carries what was begun in one session over to the one that follows it.
pub fn move_pending(conn: &mut DbConnection, user_id: &str, from: &str, to: &str) -> QueryResult<usize> {
    diesel::update(
        factors::table
            .filter(factors::user_id.eq(user_id))
            .filter(factors::pending_session_id.eq(from))
            .filter(factors::state.eq(FactorState::Pending)),
    )
    .set(factors::pending_session_id.eq(to))
    .execute(conn)
}

/// Counts a wrong first code; how many that makes.
pub fn count_pending_failure(conn: &mut DbConnection, id: &str) -> QueryResult<i64> {
    diesel::update(factors::table.find(id).filter(factors::state.eq(FactorState::Pending)))
        .set(factors::failed_in_row.eq(factors::failed_in_row + 1))
        .returning(factors::failed_in_row)
        .get_result(conn)
}

/// Turns what was begun into a factor; `true` for the one caller who did. Its first step is taken,
/// so that the same code opens nothing. ASVS 6.5.1.
pub fn activate(
    conn: &mut DbConnection,
    id: &str,
    session_id: &str,
    name: &str,
    step: i64,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        factors::table
            .find(id)
            .filter(factors::state.eq(FactorState::Pending))
            .filter(factors::pending_session_id.eq(session_id))
            .filter(factors::pending_until.gt(now)),
    )
    .set((
        factors::state.eq(FactorState::Active),
        factors::name.eq(name),
        factors::last_step.eq(step),
        factors::failed_in_row.eq(0),
        factors::confirmed_at.eq(now),
        factors::last_used_at.eq(now),
        factors::pending_session_id.eq(None::<String>),
        factors::pending_until.eq(None::<Timestamp>),
    ))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// Removes what was begun and never finished.
pub fn purge_pending(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(
        factors::table.filter(factors::pending_until.lt(now)).filter(factors::state.eq(FactorState::Pending)),
    )
    .execute(conn)
}

/// Secrets sealed with another key than `key_id`, for `rotate-keys`; by id, from the one
/// after `after`.
pub fn list_sealed_otherwise(
    conn: &mut DbConnection,
    key_id: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Factor>> {
    factors::table
        .filter(factors::secret_key_id.ne(key_id))
        .filter(factors::id.gt(after))
        .order(factors::id)
        .limit(limit)
        .load(conn)
}

/// Replaces a sealed secret unless it was changed meanwhile.
pub fn reseal(conn: &mut DbConnection, id: &str, old: &[u8], new: &[u8], key_id: &str) -> QueryResult<bool> {
    diesel::update(factors::table.find(id).filter(factors::secret.eq(old)))
        .set((factors::secret.eq(new), factors::secret_key_id.eq(key_id)))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// The e-mail codes that went to the old address of the account go to its new one, and those to other
/// addresses stay. Addresses are compared as sign-in names are.
pub fn follow_email(conn: &mut DbConnection, user_id: &str, old: &str, new: &str) -> QueryResult<usize> {
    let goes_there = |f: &Factor| f.kind == FactorKind::Email && f.email.as_deref().map(fold) == Some(fold(old));
    let ids: Vec<String> = list(conn, user_id)?.into_iter().filter(goes_there).map(|f| f.id).collect();
    diesel::update(factors::table.filter(factors::id.eq_any(ids))).set(factors::email.eq(new)).execute(conn)
}
