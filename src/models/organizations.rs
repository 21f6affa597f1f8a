//! Practices, provider groups and customers, with the security settings of each.

use diesel::prelude::*;

use super::users::fold;
use super::{DomainPolicy, FactorKind, QueryResult, RememberMe};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
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
    /// Whether its people sign in with domain accounts.
    pub domain_sign_in: DomainPolicy,
}

impl Organization {
    /// The factor kinds this organization accepts.
    pub fn methods(&self) -> Vec<FactorKind> {
        self.allowed_methods.split(',').filter_map(FactorKind::parse).collect()
    }

    /// Whether domain accounts open this organization.
    pub fn names_domain(&self) -> bool {
        self.domain_sign_in != DomainPolicy::Off
    }

    /// Whether a factor of this kind counts here.
    pub fn allows(&self, kind: FactorKind) -> bool {
        match kind {
            FactorKind::RecoveryCode => true,
            FactorKind::Domain => self.names_domain(),
            kind => self.methods().contains(&kind),
        }
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
    let query = organization_applications::table
        .filter(organization_applications::organization_id.eq(organization_id))
        .order((organization_applications::position, organization_applications::id))
        .limit(50);
    each!(conn, |c| query.load(c))
}

/// Whether any organization is under this one.
pub fn has_customers(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let found: Option<String> = organizations::table
        .filter(organizations::managing_partner_id.eq(id))
        .select(organizations::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Organizations by name, those of one partner or all; `prefix` in lower case.
pub fn list_page(
    conn: &mut DbConnection,
    partner_id: Option<&str>,
    prefix: &str,
    after: Option<&Organization>,
    limit: i64,
) -> QueryResult<Vec<Organization>> {
    let mut query =
        organizations::table.order((organizations::name_lower, organizations::id)).limit(limit).into_boxed();
    if let Some(partner_id) = partner_id {
        query = query.filter(organizations::managing_partner_id.eq(partner_id.to_owned()));
    }
    if !prefix.is_empty() {
        let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(organizations::name_lower.like(format!("{escaped}%")).escape('\\'));
    }
    if let Some(after) = after {
        let same = organizations::name_lower.eq(after.name_lower.clone());
        query = query.filter(
            organizations::name_lower.gt(after.name_lower.clone()).or(same.and(organizations::id.gt(after.id.clone()))),
        );
    }
    query.load(conn)
}

pub fn list_by_npi(conn: &mut DbConnection, npi: &str) -> QueryResult<Vec<Organization>> {
    organizations::table.filter(organizations::npi.eq(npi)).order(organizations::id).limit(10).load(conn)
}

/// Those of this name, case apart; ten at the most.
pub fn list_by_name(conn: &mut DbConnection, name: &str) -> QueryResult<Vec<Organization>> {
    organizations::table.filter(organizations::name_lower.eq(fold(name))).order(organizations::id).limit(10).load(conn)
}

/// Takes over name, NPI, partner, time zone and the fax number's rule; settings are left alone.
pub fn rename(conn: &mut DbConnection, id: &str, new: &Organization, now: Timestamp) -> QueryResult<bool> {
    diesel::update(organizations::table.find(id))
        .set((
            organizations::name.eq(&new.name),
            organizations::name_lower.eq(&new.name_lower),
            organizations::npi.eq(&new.npi),
            organizations::managing_partner_id.eq(&new.managing_partner_id),
            organizations::time_zone.eq(&new.time_zone),
            organizations::fax_required.eq(new.fax_required),
            organizations::updated_at.eq(now),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Switches an organization off or on; `true` for the one caller who changed it.
pub fn set_disabled(conn: &mut DbConnection, id: &str, disabled: bool, now: Timestamp) -> QueryResult<bool> {
    let rows = if disabled {
        diesel::update(organizations::table.find(id).filter(organizations::disabled_at.is_null()))
            .set((organizations::disabled_at.eq(now), organizations::updated_at.eq(now)))
            .execute(conn)?
    } else {
        diesel::update(organizations::table.find(id).filter(organizations::disabled_at.is_not_null()))
            .set((organizations::disabled_at.eq(None::<Timestamp>), organizations::updated_at.eq(now)))
            .execute(conn)?
    };
    Ok(rows == 1)
}

/// Whether its people sign in with domain accounts.
pub fn set_domain_sign_in(
    conn: &mut DbConnection,
    id: &str,
    policy: DomainPolicy,
    now: Timestamp,
) -> QueryResult<usize> {
    diesel::update(organizations::table.find(id))
        .set((organizations::domain_sign_in.eq(policy), organizations::updated_at.eq(now)))
        .execute(conn)
}

/// Takes over name, address, description and place of a link; `false` when the organization has none of
/// this id.
pub fn change_application(conn: &mut DbConnection, row: &Application) -> QueryResult<bool> {
    let own = organization_applications::organization_id.eq(&row.organization_id);
    diesel::update(organization_applications::table.find(&row.id).filter(own))
        .set((
            organization_applications::name.eq(&row.name),
            organization_applications::url.eq(&row.url),
            organization_applications::description.eq(&row.description),
            organization_applications::position.eq(row.position),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Removes a link; `false` when the organization has none of this id.
pub fn delete_application(conn: &mut DbConnection, organization_id: &str, id: &str) -> QueryResult<bool> {
    let own = organization_applications::organization_id.eq(organization_id);
    diesel::delete(organization_applications::table.find(id).filter(own)).execute(conn).map(|rows| rows == 1)
}
