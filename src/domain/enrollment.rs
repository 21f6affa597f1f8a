//! Enrolling factors: begun and finished in one session, on only when finished. Knows nothing of
//! pages and stages; set-up, My security and registration call the same functions. ASVS 6.6.1,
//! NIST SP 800-63B-4 section 4.1.2.

pub mod authenticator;
pub mod device_name;
pub mod recovery_codes;

use super::audit::{Entry, Origin};
use super::second_step::notices::words;
use super::{Core, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::factors::{self, Factor};
use crate::models::organizations::Organization;
use crate::models::users::User;
use crate::models::{AuditResult, Scope, remembered_browsers, sessions};
use crate::outbox::messages::FactorAdded;

/// Who enrolls something, and the session that may finish it.
#[derive(Clone, Copy)]
pub struct Enrollee<'a> {
    pub user: &'a User,
    pub session_id: &'a str,
    /// Where the factor is to count first; one that wants factors of its own gets its own.
    pub organization: Option<&'a Organization>,
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

/// What follows from every new factor: an audit entry, a mail, and an end to what was opened without
/// it, other sessions and browsers remembered on the password alone. ASVS 6.3.7, 7.4.3.
fn added(
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
        let name = factor.name.as_str().into();
        Box::new(FactorAdded { factor: factor_words, name, asked: notices::asked(zone, origin, now) }) as _
    };
    notices::tell(conn, core, user, "factor_added", message, now)
}
