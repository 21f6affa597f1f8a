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
