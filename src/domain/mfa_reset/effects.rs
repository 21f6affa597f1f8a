//! What a reset does to one person, within the transaction of the act. A bounded number of statements,
//! however many sessions and codes there are.

use super::judge::{Judge, Target, is_last_owner, is_on};
use super::{Act, Removal, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::INVITATION_LINK;
use crate::domain::registration::{LINK, USERNAME_LINK, Whom, mail_link};
use crate::domain::second_step::ways::pause_kind;
use crate::domain::{Core, self_reset, sessions};
use crate::models::factors::Factor;
use crate::models::{
    Account, AuditResult, FactorKind, ResetOutcome, ResetScope, domain_identities, factors, links, memberships,
    password_resets, recovery_codes, registrations, remembered_browsers, second_step_pauses, session_proofs,
    sessions as rows, throttles, users,
};

/// Takes away what was judged, and tells whom it concerns.
pub fn apply(
    conn: &mut DbConnection,
    core: &Core,
    act: &Act,
    judge: &Judge,
    (target, removal): (&Target, &Removal),
) -> Result<ResetOutcome, Fault> {
    let outcome = if removal.is_empty() { ResetOutcome::Nothing } else { ResetOutcome::Reset };
    if outcome == ResetOutcome::Reset {
        // First, while the addresses of e-mail factors are still on record.
        notices::tell_user(conn, core, act, target, removal)?;
        take_factors(conn, act, judge, target)?;
        match act.scope {
            ResetScope::Organization => end_in_organization(conn, act, target)?,
            _ => end_everything(conn, target, act.now)?,
        }
        if act.scope == ResetScope::Registration {
            forget_registration(conn, core, act, target)?;
        }
        notices::tell_admins(conn, core, act, target, removal)?;
        self_reset::factors_were_reset(conn, core, &target.user, act.origin, act.now)?;
    }
    let mut entry = act.entry(Some(&target.user.id), AuditResult::Success).with("result", outcome.as_str());
    for (key, value) in removal.to_json() {
        entry = entry.with(&key, value);
    }
    entry.write(conn, act.origin, act.now)?;
    Ok(outcome)
}

fn take_factors(conn: &mut DbConnection, act: &Act, judge: &Judge, target: &Target) -> Result<(), Fault> {
    let in_scope: Vec<&Factor> = target.factors.iter().filter(|f| judge.is_in_scope(target, f, act.scope)).collect();
    take(conn, &in_scope)
}

/// Tokens stay with their owner, to be activated again; everything else is deleted.
fn take(conn: &mut DbConnection, gone: &[&Factor]) -> Result<(), Fault> {
    let ids = |wanted: &dyn Fn(&Factor) -> bool| -> Vec<String> {
        gone.iter().filter(|f| wanted(f)).map(|f| f.id.clone()).collect()
    };
    factors::deactivate_all(conn, &ids(&|f| f.kind == FactorKind::HardwareToken && is_on(f)))?;
    factors::delete(conn, &ids(&|f| f.kind != FactorKind::HardwareToken))?;
    Ok(())
}

/// Takes away every factor in every scope, and ends what was open: the end of `self_reset`.
pub fn remove_everything(conn: &mut DbConnection, target: &Target, now: Timestamp) -> Result<(), Fault> {
    take(conn, &target.factors.iter().collect::<Vec<_>>())?;
    end_everything(conn, target, now)
}

/// The organization's own factors are gone: what they opened there ends, and nothing elsewhere.
fn end_in_organization(conn: &mut DbConnection, act: &Act, target: &Target) -> Result<(), Fault> {
    let (user_id, Some(id)) = (&target.user.id, act.actor.organization_id()) else { return Ok(()) };
    if let Some(membership) = target.membership_in(id) {
        memberships::bump_epoch(conn, &membership.id)?;
    }
    rows::delete_in_organization(conn, user_id, id)?;
    session_proofs::delete_of_organization(conn, user_id, id)?;
    remembered_browsers::delete_of_user(conn, user_id)?;
    let gone = target.factors.iter().filter(|f| f.organization_id.as_deref() == Some(id));
    for kind in gone.map(|f| pause_kind(f.kind)).collect::<std::collections::BTreeSet<_>>() {
        second_step_pauses::clear(conn, user_id, kind)?;
    }
    Ok(())
}

fn end_everything(conn: &mut DbConnection, target: &Target, now: Timestamp) -> Result<(), Fault> {
    let user_id = &target.user.id;
    recovery_codes::delete_of_user(conn, user_id)?;
    // Codes and calls go with their sessions.
    sessions::end_everything(conn, user_id, now)?;
    links::replace_all_of_user(conn, user_id, now)?;
    password_resets::delete_of_user(conn, user_id)?;
    second_step_pauses::clear_all(conn, user_id)?;
    Ok(throttles::reset(conn, &[format!("send:user:{user_id}")])?)
}

/// Back to where an invitation begins. A disabled account stays so, and gets its link once it is enabled.
fn forget_registration(conn: &mut DbConnection, core: &Core, act: &Act, target: &Target) -> Result<(), Fault> {
    let user_id = &target.user.id;
    if is_last_owner(conn, target)? {
        // Two owners of one organization in the same request.
        return Err(Fault::Other("a reset would leave an organization without an owner".into()));
    }
    if let Some(registration) = registrations::find_by_user(conn, user_id)? {
        for purpose in [LINK, USERNAME_LINK] {
            links::replace_all(conn, purpose, None, Some(&registration.id), act.now)?;
        }
        registrations::delete_of_user(conn, user_id)?;
    }
    let disabled = target.user.account == Account::Disabled;
    let account = if disabled { Account::Disabled } else { Account::Invited };
    users::forget_registration(conn, user_id, account, act.now)?;
    domain_identities::delete_of_user(conn, user_id)?;
    match users::find(conn, user_id)? {
        Some(user) if !disabled => mail_link(conn, core, Whom::User(&user), INVITATION_LINK, act.origin, act.now),
        _ => Ok(()),
    }
}
