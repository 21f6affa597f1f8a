//! The codes with which people register for an organization.

use diesel::prelude::*;

use super::QueryResult;
use super::organizations::Organization;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{organizations, registration_codes};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct RegistrationCode {
    pub id: String,
    pub organization_id: String,
    pub code: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub uses: i64,
}

pub fn insert(conn: &mut DbConnection, row: &RegistrationCode) -> QueryResult<()> {
    diesel::insert_into(registration_codes::table).values(row).execute(conn).map(|_| ())
}

/// The newest code of an organization that still works.
pub fn newest(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> QueryResult<Option<RegistrationCode>> {
    registration_codes::table
        .filter(registration_codes::organization_id.eq(organization_id))
        .filter(registration_codes::revoked_at.is_null())
        .filter(registration_codes::expires_at.is_null().or(registration_codes::expires_at.gt(now)))
        .order((registration_codes::created_at.desc(), registration_codes::id.desc()))
        .first(conn)
        .optional()
}

/// A code that can be registered with now, of an organization that is open.
pub fn find_open(
    conn: &mut DbConnection,
    code: &str,
    now: Timestamp,
) -> QueryResult<Option<(RegistrationCode, Organization)>> {
    registration_codes::table
        .inner_join(organizations::table)
        .filter(registration_codes::code.eq(code))
        .filter(registration_codes::revoked_at.is_null())
        .filter(registration_codes::expires_at.is_null().or(registration_codes::expires_at.gt(now)))
        .filter(organizations::disabled_at.is_null())
        .first(conn)
        .optional()
}

/// The same by its id.
pub fn find_open_by_id(
    conn: &mut DbConnection,
    id: &str,
    now: Timestamp,
) -> QueryResult<Option<(RegistrationCode, Organization)>> {
    registration_codes::table
        .inner_join(organizations::table)
        .filter(registration_codes::id.eq(id))
        .filter(registration_codes::revoked_at.is_null())
        .filter(registration_codes::expires_at.is_null().or(registration_codes::expires_at.gt(now)))
        .filter(organizations::disabled_at.is_null())
        .first(conn)
        .optional()
}

/// Counts an account that was made with it; `false` when the code was revoked meanwhile.
pub fn count_use(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(registration_codes::table.find(id).filter(registration_codes::revoked_at.is_null()))
        .set(registration_codes::uses.eq(registration_codes::uses + 1))
        .execute(conn)
        .map(|n| n == 1)
}

/// One code of an organization; another's is not found.
pub fn find_of(conn: &mut DbConnection, organization_id: &str, id: &str) -> QueryResult<Option<RegistrationCode>> {
    registration_codes::table
        .find(id)
        .filter(registration_codes::organization_id.eq(organization_id))
        .first(conn)
        .optional()
}

/// Newest first, older than `before` when given.
pub fn list(
    conn: &mut DbConnection,
    organization_id: &str,
    before: Option<&RegistrationCode>,
    limit: i64,
) -> QueryResult<Vec<RegistrationCode>> {
    let mut query = registration_codes::table
        .filter(registration_codes::organization_id.eq(organization_id))
        .order((registration_codes::created_at.desc(), registration_codes::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        let same = registration_codes::created_at.eq(before.created_at);
        query = query.filter(
            registration_codes::created_at
                .lt(before.created_at)
                .or(same.and(registration_codes::id.lt(before.id.clone()))),
        );
    }
    query.load(conn)
}

/// How many codes of an organization work.
pub fn count_open(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> QueryResult<i64> {
    registration_codes::table
        .filter(registration_codes::organization_id.eq(organization_id))
        .filter(registration_codes::revoked_at.is_null())
        .filter(registration_codes::expires_at.is_null().or(registration_codes::expires_at.gt(now)))
        .count()
        .get_result(conn)
}

/// Lets a code that works without an end, end at `until`; `true` for the one caller who did. An end
/// is given once: times of two nodes are no order, so "sooner" would let two callers through.
pub fn run_out(conn: &mut DbConnection, id: &str, until: Timestamp) -> QueryResult<bool> {
    let open = registration_codes::table.find(id).filter(registration_codes::revoked_at.is_null());
    diesel::update(open.filter(registration_codes::expires_at.is_null()))
        .set(registration_codes::expires_at.eq(until))
        .execute(conn)
        .map(|n| n == 1)
}

/// Ends a code that works at once; `true` for the one caller who did.
pub fn revoke(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    let open = registration_codes::table.find(id).filter(registration_codes::revoked_at.is_null());
    diesel::update(open.filter(registration_codes::expires_at.is_null().or(registration_codes::expires_at.gt(now))))
        .set(registration_codes::revoked_at.eq(now))
        .execute(conn)
        .map(|n| n == 1)
}
