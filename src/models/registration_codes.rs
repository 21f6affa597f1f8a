//! The codes with which people register for an organization.

use diesel::prelude::*;

use super::QueryResult;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::registration_codes;

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
