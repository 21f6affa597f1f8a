//! Practices, provider groups and customers, with the security settings of each.

use diesel::prelude::*;

use super::{FactorKind, QueryResult, RememberMe};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{organization_applications, organizations};

#[derive(Clone, Debug, Queryable, Insertable, AsChangeset)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub name_lower: String,
    pub npi: Option<String>,
    pub managing_partner_id: Option<String>,
    pub enforce_mfa: bool,
    pub grace_until: Option<Timestamp>,
    pub org_level_mfa: bool,
    /// Factor kinds, with commas between.
    pub allowed_methods: String,
    pub remember_me: RememberMe,
    pub email_code_seconds: i64,
    pub idle_minutes: i64,
    pub absolute_minutes: i64,
    pub time_zone: String,
    pub fax_required: bool,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What browsers remembered up to then is void: Remember Me was switched off at that time.
    pub remembered_since: Option<Timestamp>,
}

impl Organization {
    /// The factor kinds this organization accepts.
    pub fn methods(&self) -> Vec<FactorKind> {
        self.allowed_methods.split(',').filter_map(FactorKind::parse).collect()
    }

    /// Whether a factor of this kind counts here.
    pub fn allows(&self, kind: FactorKind) -> bool {
        kind == FactorKind::RecoveryCode || self.methods().contains(&kind)
    }
}

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = organization_applications)]
pub struct Application {
    pub id: String,
    pub organization_id: String,
    pub name: String,
    pub url: String,
    pub description: String,
    pub position: i64,
}

pub fn insert(conn: &mut DbConnection, row: &Organization) -> QueryResult<()> {
    diesel::insert_into(organizations::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Organization>> {
    organizations::table.find(id).first(conn).optional()
}

/// Holds an organization until the transaction ends, for rules over its memberships, settings and
/// safelist. SQLite has one writer anyway. Several are locked in the order of their ids.
pub fn lock(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Organization>> {
    match conn {
        DbConnection::Sqlite(c) => organizations::table.find(id).first(c).optional(),
        DbConnection::Pg(c) => organizations::table.find(id).for_no_key_update().first(c).optional(),
    }
}

/// Those of these ids that are there, by name.
pub fn list_of(conn: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<Organization>> {
    organizations::table
        .filter(organizations::id.eq_any(ids.to_vec()))
        .order((organizations::name_lower, organizations::id))
        .load(conn)
}

pub fn list_all(conn: &mut DbConnection, limit: i64) -> QueryResult<Vec<Organization>> {
    organizations::table.order((organizations::name_lower, organizations::id)).limit(limit).load(conn)
}

pub fn update(conn: &mut DbConnection, row: &Organization) -> QueryResult<usize> {
    diesel::update(organizations::table.find(&row.id)).set(row).execute(conn)
}

pub fn insert_application(conn: &mut DbConnection, row: &Application) -> QueryResult<()> {
    diesel::insert_into(organization_applications::table).values(row).execute(conn).map(|_| ())
}

/// The links an organization shows on Home, in its order.
pub fn applications(conn: &mut DbConnection, organization_id: &str) -> QueryResult<Vec<Application>> {
    organization_applications::table
        .filter(organization_applications::organization_id.eq(organization_id))
        .order((organization_applications::position, organization_applications::id))
        .limit(50)
        .load(conn)
}
