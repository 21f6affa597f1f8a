//! What the first page of **Security** shows.

use super::recovery_codes::{self, Standing};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::access::Access;
use crate::domain::mfa::{self, MfaStatus};
use crate::domain::{Core, domain_account, sessions};
use crate::models::domain_identities::{self, DomainIdentity};
use crate::models::factors::{self, Factor};
use crate::models::sessions::Session;
use crate::models::{FactorState, second_step_pauses};

pub struct Overview {
    /// In the current organization.
    pub status: MfaStatus,
    /// Everything that is enrolled, and tokens that wait to be activated; oldest first.
    pub factors: Vec<Factor>,
    pub recovery_codes: Standing,
    /// What signs in here beside a password.
    pub domain_accounts: Vec<DomainIdentity>,
    pub demands: Vec<Demand>,
    /// In how many browsers somebody is signed in, this one among them.
    pub sessions: usize,
}

/// An organization that wants a second step.
pub struct Demand {
    pub organization: String,
    /// It counts nothing but factors of its own.
    pub own: bool,
    /// Until when it does not ask yet.
    pub grace_until: Option<Timestamp>,
    /// Until when this person is exempt.
    pub exempt_until: Option<Timestamp>,
}

pub async fn gather(core: &Core, session: &Session, access: &Access) -> Result<Overview, Fault> {
    let (present, access, now) = (session.clone(), access.clone(), core.clock.now());
    let sessions = sessions::list_open(core, session).await?.len();
    core.db
        .read(move |conn| {
            let mut factors = factors::list(conn, &access.user.id)?;
            let pauses = second_step_pauses::list(conn, &access.user.id)?;
            let proves = domain_account::proves_second_factor(conn, &access.user.id)?;
            let status = match access.current(&present) {
                Some((membership, organization)) => {
                    let sso = domain_account::answers_for(organization, proves);
                    mfa::status(organization, membership, &factors, &pauses, (sso, access.user.set_up_demanded), now)
                }
                None => mfa::status_alone(&factors, &pauses, now),
            };
            factors.retain(|f| f.state != FactorState::Pending || super::tokens::is_waiting(f));
            factors.sort_by(|a, b| a.id.cmp(&b.id));
            let recovery_codes = recovery_codes::look(conn, &access.user.id)?;
            let domain_accounts = domain_identities::list_of_user(conn, &access.user.id)?;
            let demands = demands(&access, now);
            Ok(Overview { status, factors, recovery_codes, domain_accounts, demands, sessions })
        })
        .await
}

fn demands(access: &Access, now: Timestamp) -> Vec<Demand> {
    let wanting = access.memberships.iter().filter(|(_, organization)| mfa::demands_mfa(organization));
    wanting
        .map(|(membership, organization)| Demand {
            organization: organization.name.clone(),
            own: organization.org_level_mfa,
            grace_until: organization.grace_until.filter(|until| now < *until),
            exempt_until: membership.exempt_until.filter(|until| now < *until),
        })
        .collect()
}
