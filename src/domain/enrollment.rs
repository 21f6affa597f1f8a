//! Enrolling factors: begun and finished in one session, on only when finished. Knows nothing of
//! pages; set-up, My security and registration call the same functions. ASVS 6.6.1,
//! NIST SP 800-63B-4 section 4.1.2.

pub mod authenticator;
pub mod device_name;
pub mod in_session;
pub mod phone;
pub mod phone_number;
pub mod recovery_codes;

use super::access::Access;
use super::audit::{Entry, Origin};
use super::limits::STAND_STILL;
use super::second_step::notices::words;
use super::{Core, masks, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::factors::{self, Factor};
use crate::models::organizations::Organization;
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{AuditResult, FactorKind, FactorState, Scope, Stage, new_id, remembered_browsers};
use crate::outbox::messages::FactorAdded;

/// Who enrolls something, and the session that may finish it.
#[derive(Clone, Copy)]
pub struct Enrollee<'a> {
    pub user: &'a User,
    pub session_id: &'a str,
    /// Where the factor is to count first; one that wants factors of its own gets its own.
    pub organization: Option<&'a Organization>,
}

impl<'a> Enrollee<'a> {
    /// Whoever has this session, for its current organization. A registration has none yet, and goes by the
    /// one that will manage the account.
    pub fn of(session: &'a Session, access: &'a Access) -> Self {
        let organization = match session.stage {
            Stage::Registration => access.managing(),
            _ => access.current(session).map(|(_, o)| o),
        };
        Self { user: &access.user, session_id: &session.id, organization }
    }
}

impl Enrollee<'_> {
    /// Where the new factor counts.
    pub fn scope(&self) -> (Scope, Option<String>) {
        match self.organization.filter(|o| o.org_level_mfa) {
            Some(organization) => (Scope::Organization, Some(organization.id.clone())),
            None => (Scope::User, None),
        }
    }
}

/// What follows from every new factor: an audit entry, a mail to every address on record, and an end to what was opened without
/// it, other sessions and browsers remembered on the password alone. ASVS 6.3.7, 7.4.3.
pub fn added(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    factor: &Factor,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let user = who.user;
    factors::delete_pending(conn, &user.id)?;
    sessions::delete_others(conn, &user.id, who.session_id)?;
    remembered_browsers::delete_without_proof(conn, &user.id)?;
    Entry::new("factor_added", AuditResult::Success)
        .of(&user.id)
        .in_organization(factor.organization_id.as_deref())
        .with("factor", factor.kind.as_str())
        .with("scope", factor.scope.as_str())
        .with("name", factor.name.as_str())
        .write(conn, origin, now)?;
    let message = |zone: &_| {
        let factor_words = words(factor.kind).into();
        let name = called(factor).into();
        Box::new(FactorAdded { factor: factor_words, name, asked: notices::asked(zone, origin, now) }) as _
    };
    notices::tell_everywhere(conn, core, user, "factor_added", message, now)
}

/// What its owner knows a factor by: its name, or the number or address with all but a little hidden.
pub fn called(factor: &Factor) -> String {
    match (&factor.phone, &factor.email, &factor.serial) {
        _ if !factor.name.is_empty() => factor.name.clone(),
        (Some(number), ..) => masks::mask_phone(number),
        (_, Some(address), _) => masks::mask_email(address),
        (.., Some(serial)) => serial.clone(),
        _ => "without a name".to_owned(),
    }
}

/// A factor of the account, not of an organization; `to` is the address or the number.
pub fn new_factor(user_id: &str, kind: FactorKind, state: FactorState, to: &str, now: Timestamp) -> Factor {
    let active = state == FactorState::Active;
    Factor {
        id: new_id(now),
        user_id: user_id.to_owned(),
        kind,
        scope: Scope::User,
        organization_id: None,
        name: String::new(),
        state,
        phone: (kind == FactorKind::Phone).then(|| to.to_owned()),
        email: (kind == FactorKind::Email).then(|| to.to_owned()),
        secret: None,
        secret_key_id: None,
        algorithm: "SHA1".into(),
        digits: 6,
        period: 30,
        last_step: 0,
        serial: None,
        failed_in_row: 0,
        created_at: now,
        confirmed_at: active.then_some(now),
        last_used_at: active.then_some(now),
        pending_session_id: None,
        // What is never proven goes by itself.
        pending_until: (!active).then_some(now + STAND_STILL),
    }
}
