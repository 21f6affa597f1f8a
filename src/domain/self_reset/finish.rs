//! The reset link and the password: every factor in every scope goes, the account is unlocked, all that
//! was open ends, everybody is told; in one transaction, once. ASVS 6.4.3, 6.4.4.

use super::link::{Given, View, of_finish};
use super::{account_hash, cancel, mails};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::mfa_reset::{self, Target};
use crate::domain::sign_in::password::{self, Attempt, Judged};
use crate::models::{AuditResult, SelfResetState, identity_checks, links, self_resets, users};

/// What became of the last step.
pub enum Finished {
    Done,
    /// Counted as at sign-in; nothing has changed.
    Wrong,
    TooMany {
        until: Timestamp,
    },
    /// The link is too old, used or replaced, or the request has ended.
    Over,
}

/// Judges the password and resets. `attempt.email` is taken from the request.
pub async fn finish(core: &Core, token: &str, attempt: Attempt, origin: &Origin) -> Result<Finished, Fault> {
    let Given::Live(view) = of_finish(core, token).await? else { return Ok(Finished::Over) };
    let attempt = Attempt { email: view.user.email.clone(), ..attempt };
    match password::judge_again(core, &attempt, origin).await? {
        Judged::Wrong => return Ok(Finished::Wrong),
        Judged::TooMany { until } => return Ok(Finished::TooMany { until }),
        // Somebody else has the address by now.
        Judged::Right(user) if user.id != view.user.id => return Ok(Finished::Over),
        Judged::Right(_) => {}
    }
    let (context, origin) = (core.clone(), origin.clone());
    let done = core.db.write(move |conn| reset(conn, &context, &view, &origin)).await?;
    core.outbox.notify_one();
    Ok(if done { Finished::Done } else { Finished::Over })
}

fn reset(conn: &mut DbConnection, core: &Core, view: &View, origin: &Origin) -> Result<bool, Fault> {
    let now = core.clock.now();
    let id = &view.request.id;
    users::lock(conn, &view.user.id)?;
    let Some(target) = Target::load(conn, &view.user.id)? else { return Ok(false) };
    if account_hash(&target.user) != view.request.account_hash {
        cancel::end(conn, core, &target.user, &view.request, cancel::Why::Account, origin, now)?;
        return Ok(false);
    }
    if !links::consume(conn, &view.link.id, now)? {
        return Ok(false);
    }
    if !self_resets::end(conn, id, &[SelfResetState::Ready], SelfResetState::Done, now)? {
        return Ok(false);
    }
    // First, while the addresses of e-mail factors are still on record.
    mails::done(conn, core, &target.user, &view.request, origin, now)?;
    mfa_reset::remove_everything(conn, &target, now)?;
    users::demand_set_up(conn, &target.user.id, now)?;
    identity_checks::close_of(conn, id, now)?;
    Entry::new("self_reset_done", AuditResult::Success)
        .of(&target.user.id)
        .in_organization(target.user.managing_organization_id.as_deref())
        .with("reference", id.as_str())
        .with("factors", target.factors.len())
        .with("recovery_codes", target.recovery_codes)
        .write(conn, origin, now)?;
    Ok(true)
}
