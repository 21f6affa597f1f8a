//! Which factors somebody has that count at sign-in, and which one is asked: SPEC section 2.

use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::domain::access::Access;
use crate::domain::core::Settings;
use crate::domain::{Core, mfa};
use crate::models::factors::{self, Factor};
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::sessions::Session;
use crate::models::{FactorKind, FactorState, LoginOption, QueryResult, Scope, Stage, recovery_codes};

/// What one person can show now.
pub struct Ways {
    /// Active, allowed by at least one organization if any is, not paused; last used first.
    pub usable: Vec<Factor>,
    /// The same, paused or switched off.
    pub held_up: Vec<Factor>,
    /// Phones that would be usable if this installation had a gateway for texts and calls: they are set up, so
    /// the password alone opens nothing, and cannot be shown.
    pub out_of_reach: Vec<Factor>,
    /// The end of the last pause among them.
    pub paused_until: Option<Timestamp>,
    /// Unused recovery codes, if that kind is not paused and counts where this person belongs.
    pub recovery_codes: i64,
}

/// Looks up what `user_id` can show, as a member of these organizations.
pub fn find(
    conn: &mut DbConnection,
    user_id: &str,
    memberships: &[(Membership, Organization)],
    now: Timestamp,
) -> QueryResult<Ways> {
    let factors = factors::list(conn, user_id)?;
    let pauses = second_step_pauses::list(conn, user_id)?;
    let codes = recovery_codes::count_unused(conn, user_id)?;
    Ok(sort(counting(factors, memberships, now), &pauses, codes, memberships, now))
}

/// What counts in one organization, and nothing instead of it where that is nothing.
fn find_in(
    conn: &mut DbConnection,
    user_id: &str,
    target: &(Membership, Organization),
    now: Timestamp,
) -> QueryResult<Ways> {
    let only = std::slice::from_ref(target);
    let factors = factors::list(conn, user_id)?;
    let own = has_own(&factors, only);
    let counting = factors.into_iter().filter(|f| counts(f, only, own)).collect();
    let pauses = second_step_pauses::list(conn, user_id)?;
    Ok(sort(counting, &pauses, recovery_codes::count_unused(conn, user_id)?, only, now))
}

/// What `session` may be shown here. The code that began a forgotten password came by e-mail already: a
/// second one from the same mailbox proves nothing more. ASVS 6.4.3.
pub fn of_session(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    now: Timestamp,
) -> QueryResult<Ways> {
    let ways = look(conn, session, access, now)?.within_reach(&core.settings);
    let account_wide = session.stage == Stage::PasswordReset
        || (session.resume_stage.is_some() && !counts_at_target(&ways, session, access));
    Ok(if account_wide { ways.of_account(&access.memberships) } else { ways })
}

/// Whether these are what the organization counts for which a factor is shown.
fn counts_at_target(ways: &Ways, session: &Session, access: &Access) -> bool {
    target_of(session, access).is_some_and(|(_, o)| ways.count_for(o))
}

fn look(conn: &mut DbConnection, session: &Session, access: &Access, now: Timestamp) -> QueryResult<Ways> {
    if let Some(target) = target_of(session, access) {
        let ways = find_in(conn, &access.user.id, target, now)?;
        if !ways.is_empty() {
            return Ok(ways);
        }
    }
    let mut ways = find(conn, &access.user.id, &access.memberships, now)?;
    ways.usable.retain(|factor| counts_in(session, factor));
    ways.held_up.retain(|factor| counts_in(session, factor));
    Ok(ways)
}

/// The organization a factor is shown again for. Before a change of the account itself there is none.
pub fn target_of<'a>(session: &Session, access: &'a Access) -> Option<&'a (Membership, Organization)> {
    session.resume_stage?;
    let id = session.entering_organization_id.as_ref()?;
    access.memberships.iter().find(|(_, o)| o.id == *id)
}

/// Whether a factor says anything new in this session.
pub fn counts_in(session: &Session, factor: &Factor) -> bool {
    session.stage != Stage::PasswordReset || factor.kind != FactorKind::Email
}

fn sort(
    counting: Vec<Factor>,
    pauses: &[SecondStepPause],
    recovery_codes: i64,
    memberships: &[(Membership, Organization)],
    now: Timestamp,
) -> Ways {
    let paused = |kind: FactorKind| {
        pauses.iter().find(|p| p.kind == pause_kind(kind)).and_then(|p| p.paused_until).filter(|until| *until > now)
    };
    let (mut usable, mut held_up, mut paused_until) = (Vec::new(), Vec::new(), None);
    for factor in counting {
        match (factor.state, paused(factor.kind)) {
            (FactorState::Active, None) => usable.push(factor),
            (FactorState::Active, Some(until)) => {
                paused_until = paused_until.max(Some(until));
                held_up.push(factor);
            }
            (FactorState::SwitchedOff, _) => held_up.push(factor),
            _ => {}
        }
    }
    let usable_codes = paused(FactorKind::RecoveryCode).is_none() && !wants_its_own(memberships);
    let recovery_codes = if usable_codes { recovery_codes } else { 0 };
    Ways { usable, held_up, out_of_reach: Vec::new(), paused_until, recovery_codes }
}

/// What is asked for. Who has nothing that an organization allows any more is asked for what there is: a method
/// that was switched off opens nothing that wants another one, and the password alone opens even less. Codes by
/// e-mail are not even asked for where set-up is next (ASVS 6.3.6).
fn counting(factors: Vec<Factor>, memberships: &[(Membership, Organization)], now: Timestamp) -> Vec<Factor> {
    let own = has_own(&factors, memberships);
    let set_up_next = memberships.iter().all(|(m, o)| mfa::setup_required(o, m, &factors, now));
    let (counting, others): (Vec<_>, Vec<_>) = factors.into_iter().partition(|f| counts(f, memberships, own));
    if counting.iter().any(is_there) {
        return counting;
    }
    let belongs = |f: &Factor| memberships.iter().any(|(_, o)| f.organization_id.as_ref() == Some(&o.id));
    let of_theirs = |f: &Factor| f.scope == Scope::User || (f.state == FactorState::Active && belongs(f));
    others.into_iter().filter(|f| of_theirs(f) && !(set_up_next && f.kind == FactorKind::Email)).collect()
}

fn is_there(factor: &Factor) -> bool {
    matches!(factor.state, FactorState::Active | FactorState::SwitchedOff)
}

/// Whether the only organization somebody belongs to counts no factor but its own.
fn wants_its_own(memberships: &[(Membership, Organization)]) -> bool {
    matches!(memberships, [(_, only)] if only.org_level_mfa)
}

/// Whether it has some. Until it has, the user-level ones are asked before they are set up: who has a
/// factor never gets on with the password alone.
fn has_own(factors: &[Factor], memberships: &[(Membership, Organization)]) -> bool {
    wants_its_own(memberships) && factors.iter().any(|f| is_there(f) && memberships.iter().any(|(_, o)| is_own(f, o)))
}

fn is_own(factor: &Factor, only: &Organization) -> bool {
    factor.scope == Scope::Organization && factor.organization_id.as_ref() == Some(&only.id) && only.allows(factor.kind)
}

/// Whether a factor counts at sign-in. Somebody whose only organization has factors of its own is
/// asked for those alone; for everybody else it is the user-level ones that an organization allows,
/// and the organizations' own ones: an enrolled factor is asked, whatever it opens afterwards.
fn counts(factor: &Factor, memberships: &[(Membership, Organization)], own: bool) -> bool {
    if let ([(_, only)], true) = (memberships, own) {
        return is_own(factor, only);
    }
    match factor.scope {
        Scope::User => memberships.is_empty() || memberships.iter().any(|(_, o)| o.allows(factor.kind)),
        // One that was switched off bars its own organization only.
        Scope::Organization => {
            factor.state == FactorState::Active && memberships.iter().any(|(_, o)| is_own(factor, o))
        }
    }
}

/// Authenticators and hardware tokens share one page, and so one count.
pub fn pause_kind(kind: FactorKind) -> FactorKind {
    if kind == FactorKind::HardwareToken { FactorKind::Authenticator } else { kind }
}

impl Ways {
    /// Whether nothing was ever set up that would be asked.
    pub fn is_empty(&self) -> bool {
        self.usable.is_empty() && self.held_up.is_empty() && self.out_of_reach.is_empty()
    }

    /// What opens a change of the account itself. An organization's own factor counts for that one only, and its
    /// administrators can hand one out: where somebody belongs elsewhere too, it opens no more than they had.
    pub fn of_account(mut self, memberships: &[(Membership, Organization)]) -> Self {
        if memberships.len() > 1 && self.count_beyond_one(memberships) {
            self.usable.retain(|f| f.scope == Scope::User);
            self.held_up.retain(|f| f.scope == Scope::User);
        }
        self
    }

    /// Whether a user-level factor other than codes by e-mail is among them.
    pub fn beside_mail(&self) -> bool {
        self.usable.iter().chain(&self.held_up).any(|f| f.scope == Scope::User && f.kind != FactorKind::Email)
    }

    /// Whether a user-level factor is among them that opens one of these organizations: then it guards something.
    pub fn count_beyond_one(&self, memberships: &[(Membership, Organization)]) -> bool {
        let opens = |f: &Factor| memberships.iter().any(|(_, o)| mfa::counts_for(o, f));
        self.usable.iter().chain(&self.held_up).any(|f| f.scope == Scope::User && opens(f))
    }

    /// Sets aside what cannot be carried anywhere.
    pub fn within_reach(mut self, settings: &Settings) -> Self {
        let (usable, out_of_reach) = self.usable.into_iter().partition(|f| settings.carries(f.kind));
        self.usable = usable;
        self.out_of_reach = out_of_reach;
        self
    }

    /// Whether everything that would be asked is paused or switched off, and no recovery code is left to get
    /// by with.
    pub fn is_locked(&self) -> bool {
        self.usable.is_empty() && !self.held_up.is_empty() && self.recovery_codes == 0
    }

    /// Whether they open an organization: all of them do, or none.
    pub fn count_for(&self, organization: &Organization) -> bool {
        let mut factors = self.usable.iter().chain(&self.held_up);
        let by_code = self.recovery_codes > 0 && !organization.org_level_mfa;
        by_code || factors.any(|factor| mfa::counts_for(organization, factor))
    }

    pub fn of(&self, kind: FactorKind) -> impl Iterator<Item = &Factor> {
        self.usable.iter().filter(move |f| f.kind == kind)
    }

    pub fn has(&self, kind: FactorKind) -> bool {
        self.of(kind).next().is_some()
    }

    /// Whether codes from an app or a token can be shown.
    pub fn has_totp(&self) -> bool {
        self.has(FactorKind::Authenticator) || self.has(FactorKind::HardwareToken)
    }

    /// The kind that is asked after this option, or after none.
    pub fn asked(&self, option: impl Into<Option<LoginOption>>) -> Option<FactorKind> {
        let first = match option.into() {
            Some(LoginOption::Phone) => FactorKind::Phone,
            Some(LoginOption::Email) => FactorKind::Email,
            None => FactorKind::HardwareToken,
        };
        [first, FactorKind::HardwareToken, FactorKind::Authenticator, FactorKind::Phone, FactorKind::Email]
            .into_iter()
            .find(|kind| self.has(*kind))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn ways(kinds: &[FactorKind]) -> Ways {
        let at = datetime!(2026-11-21 12:00);
        let factor = |kind: &FactorKind| Factor {
            id: kind.as_str().into(),
            user_id: "u".into(),
            kind: *kind,
            scope: Scope::User,
            organization_id: None,
            name: String::new(),
            state: FactorState::Active,
            phone: None,
            email: None,
            secret: None,
            secret_key_id: None,
            algorithm: "SHA1".into(),
            digits: 6,
            period: 30,
            last_step: 0,
            serial: None,
            failed_in_row: 0,
            created_at: at,
            confirmed_at: None,
            last_used_at: None,
            pending_session_id: None,
            pending_until: None,
        };
        sort(counting(kinds.iter().map(factor).collect(), &[], at), &[], 0, &[], at)
    }

    #[test]
    fn the_table_of_factors_asked() {
        use FactorKind::{Authenticator as App, Email, HardwareToken as Token, Phone};
        for (has, by_phone, by_email) in [
            (vec![Phone, Email], Phone, Email),
            (vec![Phone, Email, App], Phone, Email),
            (vec![Phone], Phone, Phone),
            (vec![Email], Email, Email),
            (vec![App], App, App),
            (vec![Token], Token, Token),
            (vec![Phone, App], Phone, App),
            (vec![Email, App], App, Email),
            (vec![Email, Token, App], Token, Email),
        ] {
            assert_eq!(ways(&has).asked(LoginOption::Phone), Some(by_phone), "{has:?} with phone");
            assert_eq!(ways(&has).asked(LoginOption::Email), Some(by_email), "{has:?} with e-mail");
        }
        assert_eq!(ways(&[]).asked(LoginOption::Phone), None);
    }
}
