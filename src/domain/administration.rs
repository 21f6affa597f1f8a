//! Who may act in the console, and how far: read from the database at each request. Every page wants
//! a factor shown in this session, by the person and not by a remembered browser; acts want it fresh.
//! ASVS 8.3.2, 8.4.2, SPEC section 7.

mod hold;

use super::access::Access;
use super::audit::{Entry, Origin};
use super::limits::{CONSOLE_IDLE, CONSOLE_SESSION, FRESH, LAST_SEEN_EVERY};
use super::{Core, mfa, safelist};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::session_proofs::{self, SessionProof};
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{AuditResult, Role, factors};

/// How much a page wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Administrators and account holders of the current organization, and operators.
    Admin,
    /// Account holders, and operators.
    Owner,
    /// Operators alone.
    Operator,
}

/// The organizations somebody acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them: an operator.
    Everywhere,
    /// Ids of those they administer, whose demands this session meets.
    Organizations(Vec<String>),
}

/// Where an act came from, for its audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Console,
    Api,
    CommandLine,
}

impl Via {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Api => "api",
            Self::CommandLine => "command line",
        }
    }
}

/// Somebody who acts on others.
#[derive(Clone)]
pub struct Actor {
    pub user: User,
    /// The organization acted in; operators may have none.
    pub organization: Option<Organization>,
    /// The role there.
    pub role: Option<Role>,
    pub reach: Reach,
    pub via: Via,
}

impl Actor {
    pub fn is_operator(&self) -> bool {
        self.reach == Reach::Everywhere
    }

    /// Whether they may act in an organization at all.
    pub fn reaches(&self, organization_id: &str) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Organizations(ids) => ids.iter().any(|id| id == organization_id),
        }
    }

    pub fn organization_id(&self) -> Option<&str> {
        self.organization.as_ref().map(|o| o.id.as_str())
    }

    /// Whether security settings and roles are theirs to set in the current organization.
    pub fn is_owner(&self) -> bool {
        self.is_operator() || self.role == Some(Role::Owner)
    }
}

/// Whether the console opens.
pub enum Admission {
    Granted(Box<Actor>),
    /// Not the role for it.
    Refused,
    /// No factor that counts here: set-up comes first.
    SetUp,
    /// A factor has to be shown, again or for the first time in this session.
    Confirm,
}

/// Looks at role, factor and time.
pub async fn admit(
    core: &Core,
    session: &Session,
    access: &Access,
    (level, fresh): (Level, bool),
    address: &str,
) -> Result<Admission, Fault> {
    let now = core.clock.now();
    let admission = {
        let (session, access, address) = (session.clone(), access.clone(), address.to_owned());
        core.db.read(move |conn| look(conn, &session, &access, (level, fresh), &address, now)).await?
    };
    let seen = session.console_seen_at.is_some_and(|at| now < at + LAST_SEEN_EVERY);
    if matches!(admission, Admission::Granted(_)) && !seen {
        let id = session.id.clone();
        core.db.write(move |conn| sessions::console_seen(conn, &id, now).map_err(Fault::from)).await?;
    }
    Ok(admission)
}

fn look(
    conn: &mut DbConnection,
    session: &Session,
    access: &Access,
    (level, fresh): (Level, bool),
    address: &str,
    now: Timestamp,
) -> Result<Admission, Fault> {
    let current = access.current(session);
    let role = current.map(|(membership, _)| membership.role);
    let fits = match level {
        _ if access.user.operator => true,
        Level::Admin => role >= Some(Role::Admin),
        Level::Owner => role == Some(Role::Owner),
        Level::Operator => false,
    };
    if !fits {
        return Ok(Admission::Refused);
    }
    let organization = current.map(|(_, o)| o);
    let proofs = session_proofs::list(conn, &session.id)?;
    let counts = |proof: &&SessionProof| current.is_none_or(|(m, o)| mfa::proof_counts(o, m, proof));
    let Some(last) = proofs.iter().filter(counts).map(|proof| proof.proved_at).max() else {
        let factors = factors::list(conn, &access.user.id)?;
        let has_one = match organization {
            Some(o) => mfa::is_enrolled(o, &factors) || mfa::has_switched_off(o, &factors),
            None => factors.iter().any(mfa::can_be_shown),
        };
        return Ok(if has_one { Admission::Confirm } else { Admission::SetUp });
    };
    let stood_still = session.console_seen_at.unwrap_or(last).max(last) + CONSOLE_IDLE <= now;
    if stood_still || last + CONSOLE_SESSION <= now || (fresh && last + FRESH <= now) {
        return Ok(Admission::Confirm);
    }
    Ok(Admission::Granted(Box::new(Actor {
        user: access.user.clone(),
        organization: organization.cloned(),
        role,
        reach: reach(conn, access, &proofs, (fresh, address), now)?,
        via: Via::Console,
    })))
}

/// The organizations somebody administers and whose demands this session meets: by what was shown in
/// it, for a `fresh` act within the last minutes, and by the address it is used from.
fn reach(
    conn: &mut DbConnection,
    access: &Access,
    proofs: &[SessionProof],
    (fresh, address): (bool, &str),
    now: Timestamp,
) -> Result<Reach, Fault> {
    if access.user.operator {
        return Ok(Reach::Everywhere);
    }
    let life = if fresh { FRESH } else { CONSOLE_SESSION };
    let counts = |m: &Membership, o: &Organization| {
        proofs.iter().any(|proof| mfa::proof_counts(o, m, proof) && now < proof.proved_at + life)
    };
    let mut ids = Vec::new();
    for (membership, organization) in &access.memberships {
        let fits = membership.role >= Role::Admin && counts(membership, organization);
        if fits && safelist::admits_in(conn, &organization.id, address)? {
            ids.push(organization.id.clone());
        }
    }
    Ok(Reach::Organizations(ids))
}

/// Somebody tried a page that their role does not open. ASVS 16.3.2.
pub async fn refused(core: &Core, session: &Session, path: &str, origin: &Origin) -> Result<(), Fault> {
    let (session, path, origin, now) = (session.clone(), path.to_owned(), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            Ok(Entry::new("access_denied", AuditResult::Refused)
                .of(&session.user_id)
                .in_organization(session.organization_id.as_deref())
                .with("path", path.chars().take(200).collect::<String>())
                .write(conn, &origin, now)?)
        })
        .await
}
