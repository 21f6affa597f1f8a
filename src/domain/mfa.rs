//! Where a person stands with MFA in an organization: derived by one function, never stored.

#[cfg(test)]
mod tests;

use crate::clock::Timestamp;
use crate::models::factors::Factor;
use crate::models::memberships::Membership;
use crate::models::organizations::Organization;
use crate::models::second_step_pauses::SecondStepPause;
use crate::models::session_proofs::SessionProof;
use crate::models::{FactorKind, FactorState, Scope};

/// The MFA status of one membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaStatus {
    /// A second step is paused, or an authenticator was switched off after too many wrong codes.
    Locked,
    /// The organization's identity provider answers for it.
    Sso,
    Enrolled,
    Exempt,
    /// Until when set-up may still wait.
    InGrace(Timestamp),
    SetupPending,
    None,
}

impl MfaStatus {
    /// The word in JSON, exports and filters; a date there is a date in UTC.
    pub fn word(self) -> String {
        match self {
            Self::Locked => "locked".into(),
            Self::Sso => "SSO".into(),
            Self::Enrolled => "enrolled".into(),
            Self::Exempt => "exempt".into(),
            Self::InGrace(until) => format!("in grace until {}", until.date()),
            Self::SetupPending => "set-up pending".into(),
            Self::None => "none".into(),
        }
    }

    /// The words on a badge; a date there is a date in `time_zone` (IANA name).
    pub fn label(self, time_zone: &str) -> String {
        match self {
            Self::Locked => "Locked".into(),
            Self::Sso => "Single sign-on".into(),
            Self::Enrolled => "MFA on".into(),
            Self::Exempt => "Exempt".into(),
            Self::InGrace(until) => format!("Grace until {}", month_and_day(until, time_zone)),
            Self::SetupPending => "Set-up pending".into(),
            Self::None => "Not set up".into(),
        }
    }
}

/// The status of a membership; the first that fits. `factors` and `pauses` are all of the person's,
/// `sso` says that the organization's identity provider answers for this person's second step,
/// `set_up_demanded` that they reset their own factors and have to set up again, whatever is required.
pub fn status(
    organization: &Organization,
    membership: &Membership,
    factors: &[Factor],
    pauses: &[SecondStepPause],
    (sso, set_up_demanded): (bool, bool),
    now: Timestamp,
) -> MfaStatus {
    if is_paused(pauses, now) || has_switched_off(organization, factors) {
        MfaStatus::Locked
    } else if sso {
        MfaStatus::Sso
    } else if is_enrolled(organization, factors) {
        MfaStatus::Enrolled
    } else if set_up_demanded && !factors.iter().any(can_be_shown) {
        MfaStatus::SetupPending
    } else if !demands_mfa(organization) {
        // Who need not set anything up is neither exempt from it nor in grace.
        MfaStatus::None
    } else if is_exempt(membership, now) {
        MfaStatus::Exempt
    } else if let Some(until) = organization.grace_until.filter(|until| now < *until) {
        MfaStatus::InGrace(until)
    } else {
        MfaStatus::SetupPending
    }
}

/// The status of somebody who belongs to no organization: nothing is demanded, everything counts.
pub fn status_alone(factors: &[Factor], pauses: &[SecondStepPause], now: Timestamp) -> MfaStatus {
    if is_paused(pauses, now) || factors.iter().any(|factor| factor.state == FactorState::SwitchedOff) {
        MfaStatus::Locked
    } else if factors.iter().any(can_be_shown) {
        MfaStatus::Enrolled
    } else {
        MfaStatus::None
    }
}

/// Whether a factor proves anything anywhere; recovery codes alone do not.
pub fn can_be_shown(factor: &Factor) -> bool {
    factor.state == FactorState::Active && factor.kind != FactorKind::RecoveryCode
}

/// Whether a sign-in into this organization must lead to set-up. It says nothing about whether the
/// sign-in got that far: who has a switched-off authenticator (`has_switched_off`) must first show
/// another factor or a recovery code, or 100 wrong guesses would open the door to a new one.
pub fn setup_required(
    organization: &Organization,
    membership: &Membership,
    factors: &[Factor],
    now: Timestamp,
) -> bool {
    demands_mfa(organization)
        && !is_enrolled(organization, factors)
        && !is_exempt(membership, now)
        && organization.grace_until.is_none_or(|until| until <= now)
}

/// Whether an active factor of a kind and scope this organization accepts is there.
/// Recovery codes alone are not enough.
pub fn is_enrolled(organization: &Organization, factors: &[Factor]) -> bool {
    factors.iter().any(|factor| factor.state == FactorState::Active && counts_for(organization, factor))
}

/// Whether codes by e-mail count for this organization, and nothing else does.
pub fn is_by_email_only(organization: &Organization, factors: &[Factor]) -> bool {
    let counts = |factor: &&Factor| factor.state == FactorState::Active && counts_for(organization, factor);
    is_enrolled(organization, factors) && factors.iter().filter(counts).all(|factor| factor.kind == FactorKind::Email)
}

/// Whether a factor that can be shown may count for this organization: its own always, one of the
/// user's unless the organization wants its own. E-mail is never an organization's own factor.
pub fn counts_for(organization: &Organization, factor: &Factor) -> bool {
    let in_scope = match factor.scope {
        Scope::User => !organization.org_level_mfa,
        Scope::Organization => is_own(organization, factor) && factor.kind != FactorKind::Email,
    };
    in_scope && factor.kind != FactorKind::RecoveryCode && organization.allows(factor.kind)
}

/// Of these kinds, those that count: e-mail is never an organization's own factor.
pub fn that_count(methods: &[FactorKind], org_level_mfa: bool) -> Vec<FactorKind> {
    methods.iter().copied().filter(|kind| !(org_level_mfa && *kind == FactorKind::Email)).collect()
}

/// Whether a proof counts for an organization: its own factor while the membership's epoch stands, one of
/// the user's unless the organization wants its own; by a method it allows, or a recovery code, which
/// stands for the user's.
pub fn proof_counts(organization: &Organization, membership: &Membership, proof: &SessionProof) -> bool {
    let in_scope = match proof.scope {
        Scope::Organization => {
            proof.organization_id.as_ref() == Some(&organization.id) && proof.mfa_epoch == membership.mfa_epoch
        }
        Scope::User => !organization.org_level_mfa,
    };
    in_scope && organization.allows(proof.kind)
}

/// Whether an authenticator or token that is used here was switched off by the hard cap of
/// 100 wrong codes in a row (NIST SP 800-63B-4 section 3.2.2).
pub fn has_switched_off(organization: &Organization, factors: &[Factor]) -> bool {
    factors
        .iter()
        .filter(|factor| factor.scope == Scope::User || is_own(organization, factor))
        .any(|factor| factor.state == FactorState::SwitchedOff)
}

/// Whether a second step is wanted at all. Wanting a factor of its own is a demand too: a user-level
/// proof would not count there.
pub fn demands_mfa(organization: &Organization) -> bool {
    organization.enforce_mfa || organization.org_level_mfa
}

/// Every pause is one of 15 minutes or more.
fn is_paused(pauses: &[SecondStepPause], now: Timestamp) -> bool {
    pauses.iter().any(|pause| pause.paused_until.is_some_and(|until| now < until))
}

pub fn is_exempt(membership: &Membership, now: Timestamp) -> bool {
    membership.exempt_until.is_some_and(|until| now < until)
}

fn is_own(organization: &Organization, factor: &Factor) -> bool {
    factor.scope == Scope::Organization && factor.organization_id.as_deref() == Some(&organization.id)
}

fn month_and_day(at: Timestamp, time_zone: &str) -> String {
    let Ok(instant) = jiff::Timestamp::from_second(at.assume_utc().unix_timestamp()) else {
        return at.date().to_string();
    };
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    instant.to_zoned(zone).strftime("%b %-d").to_string()
}
