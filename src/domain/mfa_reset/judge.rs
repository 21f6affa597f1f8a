//! Who may reset whom, and what that takes away: read inside the transaction of the act. SPEC section 7,
//! ASVS 8.2.2, 8.3.2.

use std::collections::HashMap;

use super::{Refusal, Removal, Verdict};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::mfa;
use crate::models::factors::{self, Factor};
use crate::models::memberships::{self, Membership};
use crate::models::organizations::Organization;
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::users::{self, User};
use crate::models::{Account, FactorKind, FactorState, ResetScope, Role, Scope, recovery_codes};

/// People that are read together.
const BATCH: usize = 200;

/// Somebody, with all that a reset looks at.
pub struct Target {
    pub user: User,
    /// Ended ones too: their organization has to be able to begin them again.
    pub memberships: Vec<(Membership, Organization)>,
    pub factors: Vec<Factor>,
    pub pauses: Vec<SecondStepPause>,
    pub recovery_codes: i64,
}

impl Target {
    pub fn load(conn: &mut DbConnection, user_id: &str) -> Result<Option<Self>, Fault> {
        let Some(user) = users::find(conn, user_id)? else { return Ok(None) };
        Ok(Some(Self {
            memberships: memberships::list_with_organizations(conn, user_id)?,
            factors: factors::list(conn, user_id)?,
            pauses: second_step_pauses::list(conn, user_id)?,
            recovery_codes: recovery_codes::count_unused(conn, user_id)?,
            user,
        }))
    }

    /// Who they are and where they belong, without what they enrolled: two queries for a batch.
    pub fn load_standing(conn: &mut DbConnection, user_ids: &[String]) -> Result<HashMap<String, Self>, Fault> {
        let mut found = HashMap::new();
        for ids in user_ids.chunks(BATCH) {
            for user in users::of_ids(conn, ids)? {
                let nothing = (Vec::new(), Vec::new(), Vec::new(), 0);
                let (memberships, factors, pauses, recovery_codes) = nothing;
                found.insert(user.id.clone(), Self { user, memberships, factors, pauses, recovery_codes });
            }
            for (membership, organization) in memberships::list_of_users(conn, ids)? {
                if let Some(target) = found.get_mut(&membership.user_id) {
                    target.memberships.push((membership, organization));
                }
            }
        }
        Ok(found)
    }

    /// Many at once, by their ids: five queries for a batch, however many are in it.
    pub fn load_many(conn: &mut DbConnection, user_ids: &[String]) -> Result<HashMap<String, Self>, Fault> {
        let mut found = Self::load_standing(conn, user_ids)?;
        for ids in user_ids.chunks(BATCH) {
            for factor in factors::list_of_users(conn, ids)? {
                if let Some(target) = found.get_mut(&factor.user_id) {
                    target.factors.push(factor);
                }
            }
            for pause in second_step_pauses::list_of_users(conn, ids)? {
                if let Some(target) = found.get_mut(&pause.user_id) {
                    target.pauses.push(pause);
                }
            }
            for (user_id, codes) in recovery_codes::count_unused_of_users(conn, ids)? {
                if let Some(target) = found.get_mut(&user_id) {
                    target.recovery_codes = codes;
                }
            }
        }
        Ok(found)
    }

    /// The organization that manages the account, or else the oldest membership's.
    pub fn managing(&self) -> Option<&Organization> {
        let id = self.user.managing_organization_id.as_deref();
        let organizations = || self.memberships.iter().map(|(_, o)| o);
        organizations().find(|o| Some(o.id.as_str()) == id).or_else(|| organizations().next())
    }

    pub fn membership_in(&self, organization_id: &str) -> Option<&Membership> {
        self.memberships.iter().find(|(_, o)| o.id == organization_id).map(|(m, _)| m)
    }

    fn rank(&self) -> Rank {
        let role = self.memberships.iter().map(|(m, _)| m.role).max().unwrap_or(Role::Member);
        if self.user.operator { Rank::Operator } else { Rank::Role(role) }
    }
}

/// Roles, and above them operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Role(Role),
    Operator,
}

/// What an actor may do, by the roles of this moment.
pub struct Judge<'a> {
    actor: &'a Actor,
    /// Where they administer, and as what.
    roles: Vec<(String, Role)>,
    everywhere: bool,
}

impl<'a> Judge<'a> {
    pub fn of(conn: &mut DbConnection, actor: &'a Actor) -> Result<Self, Fault> {
        if actor.via == Via::CommandLine {
            return Ok(Self { actor, roles: Vec::new(), everywhere: true });
        }
        let user = users::find(conn, &actor.user.id)?.filter(|u| u.account == Account::Active);
        let everywhere = actor.reach == Reach::Everywhere && user.as_ref().is_some_and(|u| u.operator);
        let roles = match user {
            Some(user) => memberships::list_active(conn, &user.id)?
                .into_iter()
                .filter(|(m, o)| m.role >= Role::Admin && actor.reaches(&o.id))
                .map(|(m, o)| (o.id, m.role))
                .collect(),
            None => Vec::new(),
        };
        Ok(Self { actor, roles, everywhere })
    }

    /// Operators have to say why; the command line is its own reason.
    pub fn is_operator(&self) -> bool {
        self.everywhere && self.actor.via != Via::CommandLine
    }

    pub fn reaches(&self, organization_id: &str) -> bool {
        self.everywhere || self.roles.iter().any(|(id, _)| id == organization_id)
    }

    /// Whether roles of an organization are theirs to set: its account holders' alone, and no operator's.
    pub fn owns(&self, organization_id: &str) -> bool {
        self.roles.iter().any(|(id, role)| id == organization_id && *role == Role::Owner)
    }

    /// Whether somebody is theirs to see at all.
    pub fn sees(&self, target: &Target) -> bool {
        self.everywhere || target.memberships.iter().any(|(_, o)| self.reaches(&o.id))
    }

    /// Whether the account itself is theirs, and not only a membership.
    pub fn manages(&self, target: &Target) -> bool {
        self.everywhere || target.managing().is_some_and(|o| self.reaches(&o.id))
    }

    /// Whether somebody holds a higher role anywhere than the actor does in the organization that the right to
    /// act comes from: the one that manages the account, or else the one acted in.
    pub fn is_above(&self, target: &Target) -> bool {
        let managing = target.managing().filter(|o| self.reaches(&o.id)).map(|o| o.id.as_str());
        target.rank() > self.rank_in(managing.or(self.actor.organization_id()))
    }

    /// The same for what is done in one organization alone: the one acted in.
    pub fn is_above_here(&self, target: &Target) -> bool {
        target.rank() > self.rank_in(self.actor.organization_id())
    }

    fn rank_in(&self, organization_id: Option<&str>) -> Rank {
        if self.everywhere {
            return Rank::Operator;
        }
        let role = self.roles.iter().find(|(id, _)| Some(id.as_str()) == organization_id).map(|(_, role)| *role);
        Rank::Role(role.unwrap_or(Role::Member))
    }

    pub fn is_oneself(&self, target: &Target) -> bool {
        self.actor.via != Via::CommandLine && self.actor.user.id == target.user.id
    }

    /// The organizations of somebody that the actor reaches, by name.
    pub fn organizations(&self, target: &Target) -> Vec<String> {
        target.memberships.iter().filter(|(_, o)| self.reaches(&o.id)).map(|(_, o)| o.name.clone()).collect()
    }

    /// T1: whether an operator steps in where another administrator could.
    pub fn wants_confirmation(&self, conn: &mut DbConnection, target: &Target) -> Result<bool, Fault> {
        if !self.is_operator() {
            return Ok(false);
        }
        for (_, organization) in &target.memberships {
            if memberships::has_other_admin(conn, &organization.id, &target.user.id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub fn verdict(
        &self,
        conn: &mut DbConnection,
        target: Option<&Target>,
        scope: ResetScope,
        now: Timestamp,
    ) -> Result<Verdict, Fault> {
        let Some(target) = target.filter(|t| self.sees(t) && self.has_place(t, scope)) else {
            return Ok(Verdict::Unknown);
        };
        let mut refusal = self.bar(target, scope);
        if refusal.is_none() && scope == ResetScope::Registration && is_last_owner(conn, target)? {
            refusal = Some(Refusal::LastOwner);
        }
        Ok(refusal.map_or_else(|| Verdict::Go(self.removal(target, scope, now)), Verdict::Refused))
    }

    /// Who somebody is to the actor, where that stands in the way: asks the database nothing.
    pub fn bar(&self, target: &Target, scope: ResetScope) -> Option<Refusal> {
        if self.is_oneself(target) {
            Some(Refusal::Oneself)
        } else if self.is_barred_by_role(target, scope) {
            Some(Refusal::HigherRole)
        } else if scope != ResetScope::Organization && !self.manages(target) {
            Some(Refusal::ManagedElsewhere)
        } else {
            None
        }
    }

    fn is_barred_by_role(&self, target: &Target, scope: ResetScope) -> bool {
        if scope == ResetScope::Organization { self.is_above_here(target) } else { self.is_above(target) }
    }

    /// A reset for one organization is for its own people.
    fn has_place(&self, target: &Target, scope: ResetScope) -> bool {
        scope != ResetScope::Organization
            || self.actor.organization_id().is_some_and(|id| self.reaches(id) && target.membership_in(id).is_some())
    }

    /// Whether a factor goes.
    pub fn is_in_scope(&self, target: &Target, factor: &Factor, scope: ResetScope) -> bool {
        // An organization's own are its administrators' to take, by the role held there.
        let theirs = |id: &str| self.reaches(id) && target.rank() <= self.rank_in(Some(id));
        let own = |id: &str| factor.scope == Scope::Organization && factor.organization_id.as_deref() == Some(id);
        match scope {
            ResetScope::User => factor.scope == Scope::User,
            ResetScope::Organization => self.actor.organization_id().is_some_and(own),
            ResetScope::All | ResetScope::Registration => {
                factor.scope == Scope::User || factor.organization_id.as_deref().is_some_and(theirs)
            }
        }
    }

    fn removal(&self, target: &Target, scope: ResetScope, now: Timestamp) -> Removal {
        let (registration, user) = (scope == ResetScope::Registration, &target.user);
        let mut removal = Removal {
            registration,
            password: registration && user.password_hash.is_some(),
            terms: registration && user.terms_version.is_some(),
            // Who was invited and has not come has shown no address.
            address: registration && user.account != Account::Invited,
            ..Removal::default()
        };
        let mut left = Vec::new();
        for factor in &target.factors {
            if !self.is_in_scope(target, factor, scope) {
                left.push(factor.clone());
            } else if factor.kind == FactorKind::HardwareToken {
                removal.deactivated += usize::from(is_on(factor));
            } else if factor.state != FactorState::Pending {
                *removal.deleted.entry(factor.kind).or_default() += 1;
            }
        }
        if scope != ResetScope::Organization {
            if let Some(codes) = usize::try_from(target.recovery_codes).ok().filter(|n| *n > 0) {
                removal.deleted.insert(FactorKind::RecoveryCode, codes);
            }
            removal.unlocked = target.pauses.iter().any(|p| p.paused_until.is_some_and(|until| now < until));
        }
        let due = |(m, o): &&(Membership, Organization)| {
            m.disabled_at.is_none() && o.disabled_at.is_none() && mfa::setup_required(o, m, &left, now)
        };
        // Whoever reset their own factors has to set up again, whatever is required.
        let demanded = target.user.set_up_demanded && !left.iter().any(mfa::can_be_shown);
        let active = target.user.account == Account::Active;
        let mut demanding = target.memberships.iter().filter(due).peekable();
        removal.setup_due = active && (demanded || demanding.peek().is_some());
        // What other organizations demand is none of the actor's business.
        removal.setup_required = active && (demanded || demanding.any(|(_, o)| self.reaches(&o.id)));
        removal
    }
}

/// Whether a token can be shown, or could until it was switched off.
pub fn is_on(factor: &Factor) -> bool {
    matches!(factor.state, FactorState::Active | FactorState::SwitchedOff)
}

/// Whether an organization would have no owner left who can sign in.
pub fn is_last_owner(conn: &mut DbConnection, target: &Target) -> Result<bool, Fault> {
    if target.user.account != Account::Active {
        return Ok(false);
    }
    for (membership, organization) in &target.memberships {
        if membership.role == Role::Owner
            && membership.disabled_at.is_none()
            && !memberships::has_other_owner(conn, &organization.id, &target.user.id)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
