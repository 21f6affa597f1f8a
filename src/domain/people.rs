//! What administrators do about people's accounts, apart from their factors: inviting, editing,
//! removing, handing over. SPEC section 7.

pub mod edit;
pub mod email;
pub mod export;
pub mod first_owner;
pub mod import;
pub mod invitations;
pub mod invite;
pub mod managing;
pub mod offers;
pub mod removal;

use super::administration::Actor;
use super::audit::{Entry, LOCAL, Origin};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::memberships::{self, Membership};
use crate::models::messages::{self, Message};
use crate::models::organizations::Organization;
use crate::models::users::{self, User};
use crate::models::{AuditResult, Role, new_id};

/// Somebody an administrator acts on, with all they belong to.
#[derive(Clone)]
pub struct Target {
    pub user: User,
    /// Oldest first, switched off ones too.
    pub memberships: Vec<(Membership, Organization)>,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody of those one administers, or nobody at all.
    NotFound,
    /// One's own account is looked after under **Security**.
    Oneself,
    /// A role above the actor's.
    HigherRole,
    /// The account is managed by this organization, and the actor does not administer it.
    ManagedBy(String),
    /// An organization keeps one active account holder at least.
    LastOwner,
    /// The account is managed by nobody.
    Unmanaged,
    /// Somebody else was quicker.
    Changed,
}

impl Target {
    pub fn membership(&self, organization_id: &str) -> Option<&(Membership, Organization)> {
        self.memberships.iter().find(|(_, o)| o.id == organization_id)
    }

    /// The organization that looks after the account itself.
    pub fn managing(&self) -> Option<&Organization> {
        let id = self.user.managing_organization_id.as_deref()?;
        self.membership(id).map(|(_, o)| o)
    }

    /// The highest role held anywhere; operators stand above all.
    fn highest(&self) -> Option<Role> {
        self.memberships.iter().map(|(m, _)| m.role).max()
    }
}

/// Somebody in an organization that the actor administers; anybody for an operator.
pub fn find(conn: &mut DbConnection, actor: &Actor, id: &str) -> Result<Option<Target>, Fault> {
    let Some(user) = users::find(conn, id)? else { return Ok(None) };
    let memberships = memberships::list_with_organizations(conn, id)?;
    let reached = actor.is_operator() || memberships.iter().any(|(_, o)| actor.reaches(&o.id));
    Ok(reached.then_some(Target { user, memberships }))
}

/// Whether the account itself may be changed: only by its managing organization, and nobody of a
/// higher role than the actor has there. An account without a managing organization is the operators'.
pub fn may_edit(conn: &mut DbConnection, actor: &Actor, target: &Target) -> Result<Result<(), Refusal>, Fault> {
    if actor.is_operator() {
        return Ok(Ok(()));
    }
    let Some(managing) = target.managing() else { return Ok(Err(Refusal::Unmanaged)) };
    if !actor.reaches(&managing.id) {
        return Ok(Err(Refusal::ManagedBy(managing.name.clone())));
    }
    // Where the right comes from, not where the actor stands: elsewhere they may hold a higher one.
    let role = memberships::find_active(conn, &actor.user.id, &managing.id)?.map(|m| m.role);
    let above = target.user.id != actor.user.id && (target.user.operator || target.highest() > role);
    Ok(if above { Err(Refusal::HigherRole) } else { Ok(()) })
}

/// Who acts on somebody.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Admin(&'a Actor),
    CommandLine,
    /// Whoever opened the link that the first start prints.
    SetUpLink,
}

impl<'a> By<'a> {
    /// Says so in an audit entry; the organization is said after it.
    pub fn sign(self, entry: Entry<'a>) -> Entry<'a> {
        match self {
            Self::Admin(actor) => entry.by(actor),
            Self::CommandLine => entry.by_command_line(),
            Self::SetUpLink => entry.with("via", "set-up link"),
        }
    }
}

/// An audit entry about somebody.
pub fn entry<'a>(action: &'a str, by: By<'a>, user_id: &'a str, organization_id: Option<&'a str>) -> Entry<'a> {
    by.sign(Entry::new(action, AuditResult::Success).about(Some(user_id))).in_organization(organization_id)
}

/// An audit entry about an organization as a whole.
fn entry_of_organization<'a>(action: &'a str, actor: &'a Actor, organization_id: &'a str) -> Entry<'a> {
    Entry::new(action, AuditResult::Success).by(actor).in_organization(Some(organization_id))
}

/// Leaves a message in somebody's Message Center.
pub(super) fn leave_message(
    conn: &mut DbConnection,
    user_id: &str,
    (subject, body): (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    let row = Message {
        id: new_id(now),
        user_id: user_id.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        created_at: now,
        read_at: None,
    };
    Ok(messages::insert(conn, &row)?)
}

/// Tells the administrators of every organization of somebody but one; each of them once.
fn tell_other_admins(
    conn: &mut DbConnection,
    target: &Target,
    but: Option<&str>,
    message: (&str, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    let mut told = vec![target.user.id.clone()];
    for (_, organization) in target.memberships.iter().filter(|(_, o)| Some(o.id.as_str()) != but) {
        for id in memberships::admin_user_ids(conn, &organization.id)? {
            if !told.contains(&id) {
                leave_message(conn, &id, message, now)?;
                told.push(id);
            }
        }
    }
    Ok(())
}

/// The origin of what the command line does.
pub fn command_line() -> Origin {
    Origin { address: LOCAL.into(), user_agent: "command line".into(), unlimited: true, ..Origin::default() }
}
