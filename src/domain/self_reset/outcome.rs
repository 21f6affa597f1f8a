//! What a session with the identity provider leads to. Believed is only what the provider answers when
//! it is asked, for the session we began under our reference; each step happens once, whoever tells of
//! it first, and in whatever order.

use super::names::{Name, compare};
use super::{account_hash, cancel, mails};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{SELF_RESET, SELF_RESET_REVIEW, SELF_RESET_UNCHANGED};
use crate::identity::{Session, Status};
use crate::models::identity_checks::{self, IdentityCheck};
use crate::models::self_resets::{self, Document, SelfReset, document_place};
use crate::models::stripe_events::{self, Arrival};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, CheckState, SelfResetState};

/// Takes in how a session stands. With an event of the provider, its id is used up in the same
/// transaction, so that a fault leaves it to come again.
pub async fn apply(
    core: &Core,
    check_id: &str,
    session: Session,
    event: Option<(String, i64)>,
    origin: &Origin,
) -> Result<Arrival, Fault> {
    let (context, check_id, origin) = (core.clone(), check_id.to_owned(), origin.clone());
    let arrival = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if let Some((id, signed_at)) = &event {
                let arrival = stripe_events::take(conn, id, *signed_at, now)?;
                if arrival != Arrival::First {
                    return Ok(arrival);
                }
            }
            let Some(check) = identity_checks::find(conn, &check_id)? else { return Ok(Arrival::First) };
            if check.session_id.as_ref() != Some(&session.id) || session.reference.as_ref() != Some(&check.id) {
                tracing::warn!(check = check.id, "a session that is not the one we began");
                return Ok(Arrival::First);
            }
            go_on(conn, core, &check, &session, &origin, now)?;
            Ok::<_, Fault>(Arrival::First)
        })
        .await?;
    core.outbox.notify_one();
    Ok(arrival)
}

fn go_on(
    conn: &mut DbConnection,
    core: &Core,
    check: &IdentityCheck,
    session: &Session,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(user) = users::lock(conn, &check.user_id)? else { return Ok(()) };
    let row = self_resets::find(conn, &check.self_reset_id)?;
    let waits = |r: &SelfReset| r.state == SelfResetState::Identity && r.live_user_id.is_some() && now < r.expires_at;
    let Some(row) = row.filter(waits) else { return Ok(()) };
    let to = match session.status {
        // Nothing was handed in yet.
        Status::RequiresInput if session.reason.is_none() => return Ok(()),
        Status::RequiresInput => CheckState::NeedsInput,
        Status::Processing => CheckState::Processing,
        Status::Canceled => CheckState::Canceled,
        Status::Verified => CheckState::Verified,
    };
    if to == check.state && session.reason == check.reason {
        return Ok(());
    }
    if !identity_checks::settle(conn, &check.id, to, session.reason.as_deref(), now)? {
        return Ok(());
    }
    let result = match to {
        CheckState::Processing => return Ok(()),
        CheckState::Verified => AuditResult::Success,
        _ => AuditResult::Failure,
    };
    Entry::new("identity_check", result)
        .about(Some(&user.id))
        .with("reference", row.id.as_str())
        .with("check", check.id.as_str())
        .with("outcome", to.as_str())
        .with("reason", session.reason.clone().unwrap_or_default())
        .write(conn, origin, now)?;
    if to == CheckState::Verified { verified(conn, core, &user, &row, session, origin, now) } else { Ok(()) }
}

/// The document is good: the names decide whether a person has to look.
fn verified(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    row: &SelfReset,
    session: &Session,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    if user.account != Account::Active || user.password_hash.is_none() {
        return cancel::end(conn, core, user, row, cancel::Why::Account, origin, now).map(|_| ());
    }
    let (first, last) = session.names.clone().unwrap_or_default();
    let account = Name { first: user.first_name.clone(), last: user.last_name.clone() };
    let found = compare(&account, &Name { first: first.clone(), last: last.clone() });
    let mut reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.words()).collect();
    let lately = user.identity_changed_at.is_some_and(|at| now < at + SELF_RESET_UNCHANGED);
    let changed = lately || account_hash(user) != row.account_hash;
    if changed {
        reasons.push("name or e-mail address of the account changed within the last 7 days");
    }
    let passes = found.passes && !changed;
    let (to, until) = match passes {
        true => (SelfResetState::Ready, now + SELF_RESET),
        false => (SelfResetState::Review, now + SELF_RESET_REVIEW),
    };
    if !self_resets::advance(conn, &row.id, &[SelfResetState::Identity], to, until, now)? {
        return Ok(());
    }
    Entry::new("self_reset_names", if passes { AuditResult::Success } else { AuditResult::Refused })
        .about(Some(&user.id))
        .in_organization(user.managing_organization_id.as_deref())
        .with("reference", row.id.as_str())
        .with("score", found.score)
        .with("reasons", reasons.join("; "))
        .write(conn, origin, now)?;
    if passes {
        return mails::ready(conn, core, user, row, now);
    }
    let plain = serde_json::to_vec(&(first, last)).map_err(|e| Fault::Other(e.to_string()))?;
    let sealed = core.keys.seal(&document_place(&row.id), &plain)?;
    let reasons = reasons.join("\n");
    let document =
        Document { sealed: &sealed.bytes, key_id: &sealed.key_id, score: found.score.into(), reasons: &reasons };
    self_resets::keep_document(conn, &row.id, &document)?;
    mails::review(conn, core, user, row, now)
}
