//! Everybody and everything that can be signed in with: live rows, with the secrets as first seeded.

use std::collections::HashMap;

use data_encoding::BASE32_NOPAD;
use serde::Serialize;

use super::rfc3339;
use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::sample::{SampleData, SamplePerson};
use crate::domain::second_step::totp;
use crate::domain::{domain_account, mfa};
use crate::models::factors::{self, Factor};
use crate::models::organizations::{self, Organization};
use crate::models::users::{self, User};
use crate::models::{
    Account, FactorKind, FactorState, RememberMe, Role, Scope, memberships, registration_codes, safelist_entries,
    second_step_pauses,
};

/// More than any demo has.
const ORGANIZATIONS: i64 = 1_000;
const PAGE: i64 = 200;

#[derive(Serialize)]
pub struct People {
    pub organizations: Vec<OrganizationView>,
    pub people: Vec<PersonView>,
}

#[derive(Serialize)]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
    pub npi: Option<String>,
    pub registration_code: Option<String>,
    pub managing_partner_id: Option<String>,
    pub enforce_mfa: bool,
    pub grace_until: Option<String>,
    pub org_level_mfa: bool,
    pub allowed_methods: Vec<FactorKind>,
    pub remember_me: RememberMe,
    pub ip_safelist: Vec<String>,
}

/// No Debug: it holds a password.
#[derive(Serialize)]
pub struct PersonView {
    pub user_id: String,
    pub username: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub password: Option<String>,
    pub operator: bool,
    pub account: Account,
    pub managing_organization_id: Option<String>,
    pub memberships: Vec<MembershipView>,
    pub factors: Vec<FactorView>,
    pub recovery_codes: Vec<String>,
}

#[derive(Serialize)]
pub struct MembershipView {
    pub organization_id: String,
    pub role: Role,
    pub mfa_status: String,
}

#[derive(Serialize)]
pub struct FactorView {
    pub factor_id: String,
    pub kind: FactorKind,
    pub scope: Scope,
    pub organization_id: Option<String>,
    pub name: String,
    pub phone: Option<String>,
    pub totp_key: Option<String>,
    pub algorithm: String,
    pub digits: i64,
    pub period: i64,
    pub state: FactorState,
    /// For pages: what an app or a token would show now.
    #[serde(skip)]
    pub code_now: Option<String>,
}

/// All organizations by name and all people in the order in which they joined. `data` gives
/// passwords, keys and recovery codes; without it they are left out.
pub fn people(conn: &mut DbConnection, data: Option<&SampleData>, now: Timestamp) -> Result<People, Fault> {
    let seeded: HashMap<&str, &SamplePerson> =
        data.map(|data| data.people.values().map(|p| (p.user_id.as_str(), p)).collect()).unwrap_or_default();
    let mut organizations = Vec::new();
    for row in organizations::list_all(conn, ORGANIZATIONS)? {
        organizations.push(organization(conn, row, now)?);
    }
    let mut people = Vec::new();
    let mut after = String::new();
    loop {
        let page = users::list_after(conn, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in page {
            let sample = seeded.get(row.id.as_str()).copied();
            people.push(person(conn, row, sample, now)?);
        }
    }
    Ok(People { organizations, people })
}

fn organization(conn: &mut DbConnection, row: Organization, now: Timestamp) -> Result<OrganizationView, Fault> {
    Ok(OrganizationView {
        registration_code: registration_codes::newest(conn, &row.id, now)?.map(|code| code.code),
        ip_safelist: safelist_entries::ranges(conn, &row.id)?,
        allowed_methods: row.methods(),
        grace_until: row.grace_until.and_then(rfc3339),
        id: row.id,
        name: row.name,
        npi: row.npi,
        managing_partner_id: row.managing_partner_id,
        enforce_mfa: row.enforce_mfa,
        org_level_mfa: row.org_level_mfa,
        remember_me: row.remember_me,
    })
}

fn person(
    conn: &mut DbConnection,
    row: User,
    sample: Option<&SamplePerson>,
    now: Timestamp,
) -> Result<PersonView, Fault> {
    let factors = factors::list(conn, &row.id)?;
    let pauses = second_step_pauses::list(conn, &row.id)?;
    let proves = domain_account::proves_second_factor(conn, &row.id)?;
    let memberships = memberships::list_active(conn, &row.id)?
        .into_iter()
        .map(|(membership, organization)| MembershipView {
            mfa_status: mfa::status(
                &organization,
                &membership,
                &factors,
                &pauses,
                (domain_account::answers_for(&organization, proves), row.set_up_demanded),
                now,
            )
            .word(),
            organization_id: membership.organization_id,
            role: membership.role,
        })
        .collect();
    Ok(PersonView {
        user_id: row.id,
        username: row.username,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        password: sample.and_then(|sample| sample.password.clone()),
        operator: row.operator,
        account: row.account,
        managing_organization_id: row.managing_organization_id,
        memberships,
        factors: factors
            .into_iter()
            .filter(|f| f.state != FactorState::Pending)
            .map(|factor| view(factor, sample, now))
            .collect(),
        recovery_codes: sample.map(|sample| sample.recovery_codes.clone()).unwrap_or_default(),
    })
}

fn view(row: Factor, sample: Option<&SamplePerson>, now: Timestamp) -> FactorView {
    let seeded = sample.and_then(|sample| sample.factors.values().find(|factor| factor.id == row.id));
    let totp_key = seeded.and_then(|factor| factor.key.clone());
    FactorView {
        code_now: totp_key.as_deref().and_then(|key| code_at(&row, key, now)),
        totp_key,
        factor_id: row.id,
        kind: row.kind,
        scope: row.scope,
        organization_id: row.organization_id,
        name: row.name,
        phone: row.phone,
        algorithm: row.algorithm,
        digits: row.digits,
        period: row.period,
        state: row.state,
    }
}

fn code_at(factor: &Factor, key: &str, now: Timestamp) -> Option<String> {
    let secret = BASE32_NOPAD.decode(key.as_bytes()).ok()?;
    let totp = totp::build(&secret, &factor.algorithm, factor.digits, factor.period).ok()?;
    Some(totp.generate(unix(now)).to_string())
}
