//! The domain accounts that sign somebody in: what is connected, and taking one away. One that is the only
//! way in stays. ASVS 6.3.7, 7.5.1.

use super::{hold, renew};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::sessions::Opened;
use crate::domain::{Core, domain_account, notices};
use crate::models::domain_identities::{self, DomainIdentity};
use crate::models::sessions::Session;
use crate::models::users::User;
use crate::models::{AuditResult, FactorKind, session_proofs};
use crate::outbox::line::Line;
use crate::outbox::messages::DomainUnlinked;

/// Why one stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stays {
    /// This organization signs in with domain accounts only; an administrator may take it away.
    Only(String),
    /// Nothing else would open the account: it has no password.
    OnlyWay,
}

/// One of somebody's, and whether they may take it away.
pub struct Looked {
    pub identity: DomainIdentity,
    pub stays: Option<Stays>,
}

/// `None` for one that is not this person's, as for one that does not exist.
pub async fn find(core: &Core, access: &Access, id: &str) -> Result<Option<Looked>, Fault> {
    let (access, id) = (access.clone(), id.to_owned());
    core.db.read(move |conn| look(conn, &access, &access.user, &id)).await
}

fn look(conn: &mut DbConnection, access: &Access, user: &User, id: &str) -> Result<Option<Looked>, Fault> {
    let all = domain_identities::list_of_user(conn, &user.id)?;
    let alone = all.len() == 1;
    let Some(identity) = all.into_iter().find(|identity| identity.id == id) else { return Ok(None) };
    let stays = match domain_account::managed_by_domain(access) {
        Some(organization) => Some(Stays::Only(organization.name.clone())),
        None if alone && user.password_hash.is_none() => Some(Stays::OnlyWay),
        None => None,
    };
    Ok(Some(Looked { identity, stays }))
}

/// What became of **Remove**.
pub enum Removed {
    Done(Box<Opened>),
    NotFound,
    Stays(Stays),
}

/// Takes one away: it opens nothing any more, and whatever else is open ends.
pub async fn remove(
    core: &Core,
    session: &Session,
    access: &Access,
    id: &str,
    origin: &Origin,
) -> Result<Removed, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (id, origin) = (id.to_owned(), origin.clone());
    let removed = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            let Some(looked) = look(conn, &access, &user, &id)? else { return Ok(Removed::NotFound) };
            let entry = |result| Entry::new("domain_unlinked", result).of(&user.id);
            if let Some(why) = looked.stays {
                entry(AuditResult::Refused).with("why", why.word()).write(conn, &origin, now)?;
                return Ok(Removed::Stays(why));
            }
            if !domain_identities::delete_of(conn, &user.id, &id)? {
                return Ok(Removed::NotFound);
            }
            // What the provider proved for this session counts no longer.
            session_proofs::delete_of_kind(conn, &session.id, FactorKind::Domain)?;
            let issuer = looked.identity.issuer.as_str();
            entry(AuditResult::Success).with("issuer", issuer).write(conn, &origin, now)?;
            tell(conn, core, &user, &looked.identity, &origin, now)?;
            renew(conn, &session, &access, now).map(|opened| Removed::Done(Box::new(opened)))
        })
        .await?;
    core.outbox.notify_one();
    Ok(removed)
}

impl Stays {
    fn word(&self) -> &'static str {
        match self {
            Self::Only(_) => "domain accounts only",
            Self::OnlyWay => "no password",
        }
    }
}

fn tell(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    identity: &DomainIdentity,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let host = domain_account::host(&identity.issuer);
    let message =
        |zone: &_| Box::new(DomainUnlinked { host: Line::new(&host), asked: notices::asked(zone, origin, now) }) as _;
    notices::tell_everywhere(conn, core, user, "domain_unlinked", message, now)
}
