//! The rows of one organization and of one person.

use std::collections::HashMap;

use time::Duration;

use super::organizations::OrganizationSpec;
use super::people::{Enrolled, PersonSpec};
use super::{SampleData, TERMS_VERSION, credentials, email, founded, joined, spec_of, tokens};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::AUTHENTICATOR_HARD_CAP;
use crate::domain::organizations::details::{Details, begin};
use crate::models::factors::{self, Factor};
use crate::models::memberships::{self, Membership};
use crate::models::organizations::{self, Application, Organization};
use crate::models::profiles::{self, Profile};
use crate::models::recovery_codes::{self, RecoveryCode};
use crate::models::registration_codes::{self, RegistrationCode};
use crate::models::safelist_entries::{self, SafelistEntry};
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::users::{self, User, fold};
use crate::models::{DomainPolicy, FactorKind, FactorState, RememberMe, Role, Scope, new_id};
use crate::secrets::KeyRing;
use crate::secrets::key_ring::sha256;

/// How long exemptions last.
const EXEMPT_DAYS: i64 = 180;

pub fn organization(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &OrganizationSpec,
    now: Timestamp,
) -> Result<(), Fault> {
    let sample = data.organization(spec.key)?;
    let id = &sample.id;
    let created_at = founded(now);
    let partner = spec.partner.map(|key| data.organization(key)).transpose()?;
    let details = Details {
        name: spec.name.into(),
        npi: spec.npi.unwrap_or_default().into(),
        time_zone: spec.time_zone.into(),
        fax_required: true,
        ..Details::default()
    };
    let row = Organization {
        id: id.clone(),
        enforce_mfa: spec.enforce_mfa,
        grace_until: spec.grace_days.map(|days| now + Duration::days(days)),
        org_level_mfa: spec.org_level_mfa,
        allowed_methods: spec.allowed_methods.into(),
        remember_me: if spec.remember_me { RememberMe::CredentialsAndMfa } else { RememberMe::Off },
        domain_sign_in: if spec.domain_account { DomainPolicy::Allowed } else { DomainPolicy::Off },
        ..begin(&details, partner.map(|partner| partner.id.clone()), created_at)
    };
    organizations::insert(conn, &row)?;
    let code = RegistrationCode {
        id: new_id(created_at),
        organization_id: id.clone(),
        code: sample.registration_code.clone(),
        created_at,
        expires_at: None,
        revoked_at: None,
        uses: 0,
    };
    registration_codes::insert(conn, &code)?;
    for (seconds, (cidr, label)) in (0..).zip(spec.safelist) {
        let row = SafelistEntry {
            id: new_id(created_at + Duration::seconds(seconds)),
            organization_id: id.clone(),
            cidr: (*cidr).into(),
            label: (*label).into(),
            created_at,
        };
        safelist_entries::insert(conn, &row)?;
    }
    for (position, (name, path, description)) in (1..).zip(spec.applications) {
        let row = Application {
            id: new_id(created_at),
            organization_id: id.clone(),
            name: (*name).into(),
            url: format!("https://{path}.{}/", spec.domain),
            description: (*description).into(),
            position,
        };
        organizations::insert_application(conn, &row)?;
    }
    Ok(())
}

pub fn person(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &PersonSpec,
    index: usize,
    hashes: &HashMap<String, String>,
    now: Timestamp,
) -> Result<(), Fault> {
    let sample = data.person(spec.username)?;
    let created_at = joined(index, now);
    let email = email(spec)?;
    let hash = hashes.get(spec.username).cloned();
    if hash.is_some() != sample.password.is_some() {
        return Err(Fault::Other(format!("{}: password and hash do not go together", spec.username)));
    }
    let accepted = spec.has_accepted_terms();
    let row = User {
        id: sample.user_id.clone(),
        username: spec.username.into(),
        username_lower: fold(spec.username),
        email_lower: fold(&email),
        email,
        first_name: spec.first_name.into(),
        last_name: spec.last_name.into(),
        first_name_lower: fold(spec.first_name),
        last_name_lower: fold(spec.last_name),
        password_changed_at: hash.is_some().then_some(created_at),
        password_hash: hash,
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: Some(data.organization(spec.home)?.id.clone()),
        operator: spec.operator,
        account: spec.account,
        mfa_epoch: 0,
        terms_version: accepted.then(|| TERMS_VERSION.to_owned()),
        terms_accepted_at: accepted.then_some(created_at),
        time_zone: None,
        last_sign_in_at: None,
        created_at,
        updated_at: created_at,
        set_up_demanded: false,
        identity_changed_at: None,
    };
    users::insert(conn, &row)?;
    profiles::insert(conn, &profile(spec, index, &sample.user_id)?)?;
    for (key, role) in std::iter::once(&(spec.home, spec.role)).chain(spec.also) {
        membership(conn, data, spec, index, key, *role, now)?;
    }
    Ok(())
}

fn membership(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &PersonSpec,
    index: usize,
    key: &str,
    role: Role,
    now: Timestamp,
) -> Result<(), Fault> {
    // Managed there, so the oldest of them.
    let created_at = joined(index, now) + Duration::days(i64::from(key != spec.home));
    let row = Membership {
        id: new_id(created_at),
        user_id: data.person(spec.username)?.user_id.clone(),
        organization_id: data.organization(key)?.id.clone(),
        role,
        mfa_epoch: 0,
        exempt_until: spec.exempt.map(|_| now + Duration::days(EXEMPT_DAYS)),
        exempt_reason: spec.exempt.map(str::to_owned),
        disabled_at: None,
        created_at,
    };
    Ok(memberships::insert(conn, &row)?)
}

fn profile(spec: &PersonSpec, index: usize, user_id: &str) -> Result<Profile, Fault> {
    let (city, state, zip_code) = spec_of(spec.home)?.city;
    Ok(Profile {
        user_id: user_id.to_owned(),
        address_1: format!("{} Commerce Street", 100 + 2 * index),
        address_2: String::new(),
        city: city.into(),
        state: state.into(),
        zip_code: zip_code.into(),
        phone: number(spec.username, "601", index),
        fax: number("", "228", index),
    })
}

/// A number of the range that is kept for fiction (555-0100 to 555-0199), in E.164.
fn number(username: &str, area: &str, index: usize) -> String {
    // The pages' own example ends in 9885; let one person have it.
    if username == "phone.only" { "+16015559885".into() } else { format!("+1{area}55501{index:02}") }
}

pub fn factor(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &PersonSpec,
    index: usize,
    enrolled: Enrolled,
    keys: &KeyRing,
    now: Timestamp,
) -> Result<(), Fault> {
    let sample = data.person(spec.username)?;
    let created_at = joined(index, now);
    if enrolled == Enrolled::Codes {
        for code in &sample.recovery_codes {
            let (id, code_hash) = (new_id(created_at), sha256(code));
            let row = RecoveryCode { id, user_id: sample.user_id.clone(), code_hash, created_at, used_at: None };
            recovery_codes::insert(conn, &row)?;
        }
        return Ok(());
    }
    let missing = || Fault::Other(format!("{} has no usable {}", spec.username, enrolled.key()));
    let kept = sample.factors.get(enrolled.key()).ok_or_else(missing)?;
    let sealed = if enrolled.has_key() {
        let secret = kept.key.as_deref().and_then(credentials::totp_bytes).ok_or_else(missing)?;
        Some(keys.seal(&factors::secret_place(&kept.id), &secret)?)
    } else {
        None
    };
    let (kind, scope) = (enrolled.kind(), enrolled.scope());
    let switched_off = enrolled.state() == FactorState::SwitchedOff;
    let (algorithm, period) = tokens::kind(enrolled == Enrolled::SlowToken);
    let row = Factor {
        id: kept.id.clone(),
        user_id: sample.user_id.clone(),
        kind,
        scope,
        organization_id: (scope == Scope::Organization)
            .then(|| data.organization(spec.home).map(|o| o.id.clone()))
            .transpose()?,
        name: enrolled.name().into(),
        state: enrolled.state(),
        phone: (kind == FactorKind::Phone).then(|| number(spec.username, "601", index)),
        email: (kind == FactorKind::Email).then(|| email(spec)).transpose()?,
        secret_key_id: sealed.as_ref().map(|sealed| sealed.key_id.clone()),
        secret: sealed.map(|sealed| sealed.bytes),
        algorithm: algorithm.into(),
        digits: 6,
        period,
        last_step: 0,
        serial: (kind == FactorKind::HardwareToken).then(|| tokens::serial(index)),
        failed_in_row: if switched_off { AUTHENTICATOR_HARD_CAP } else { 0 },
        created_at,
        confirmed_at: Some(created_at),
        last_used_at: None,
        pending_session_id: None,
        pending_until: None,
    };
    factors::insert(conn, &row)?;
    if switched_off {
        // The last pause is over: what keeps this person out is the cap, not the pause.
        let over = now - Duration::hours(1);
        let row = SecondStepPause {
            user_id: sample.user_id.clone(),
            kind,
            failed_in_row: AUTHENTICATOR_HARD_CAP,
            paused_until: Some(over),
            updated_at: over,
        };
        second_step_pauses::insert(conn, &row)?;
    }
    Ok(())
}
