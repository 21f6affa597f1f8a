//! The identity check: a session with the provider, three a day. The provider is called outside of any
//! transaction; what it answers is kept by conditional UPDATEs, and a call that was cut off is made
//! again under the same reference. ASVS 2.4.1.

use super::outcome;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{IDENTITY_CHECKS, IDENTITY_CHECKS_WITHIN};
use crate::domain::{Core, throttle};
use crate::identity::{IdentityError, IdentityProvider, New, Status};
use crate::models::identity_checks::{self, IdentityCheck, OPEN};
use crate::models::{AuditResult, CheckState, SelfResetState, new_id, self_resets, users};

/// What became of **Start identity check**.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// On to the page that names the provider.
    Go,
    /// Too many sessions today.
    TooMany { until: Timestamp },
    /// The request is past that step, or has ended.
    NotDue,
    /// The provider did not answer; nothing is lost.
    Unreachable,
}

/// Begins a session with the provider, or goes on with the one there is.
pub async fn start(
    core: &Core,
    provider: &dyn IdentityProvider,
    request_id: &str,
    origin: &Origin,
) -> Result<Started, Fault> {
    let (context, id, origin) = (core.clone(), request_id.to_owned(), origin.clone());
    let claimed = core.db.write(move |conn| claim(conn, &id, &origin, context.clock.now())).await?;
    let check = match claimed {
        Claimed::Check(check) => check,
        Claimed::TooMany { until } => return Ok(Started::TooMany { until }),
        Claimed::NotDue => return Ok(Started::NotDue),
    };
    if check.session_id.is_some() {
        return Ok(Started::Go);
    }
    let new = New { reference: check.id.clone(), return_url: format!("{}/mfa/reset/return", core.settings.public_url) };
    let session = match provider.begin(&new).await {
        Ok(session) => session,
        Err(error) => {
            tracing::error!(%error, "an identity check could not be begun");
            return Ok(Started::Unreachable);
        }
    };
    let now = core.clock.now();
    let begun =
        move |conn: &mut DbConnection| identity_checks::begun(conn, &check.id, &session.id, now).map_err(Fault::from);
    core.db.write(begun).await?;
    Ok(Started::Go)
}

enum Claimed {
    Check(IdentityCheck),
    TooMany { until: Timestamp },
    NotDue,
}

fn claim(conn: &mut DbConnection, request_id: &str, origin: &Origin, now: Timestamp) -> Result<Claimed, Fault> {
    let Some(row) = self_resets::find(conn, request_id)? else { return Ok(Claimed::NotDue) };
    users::lock(conn, &row.user_id)?;
    let due = [SelfResetState::Requested, SelfResetState::Identity];
    if !self_resets::advance(conn, &row.id, &due, SelfResetState::Identity, row.expires_at, now)? {
        return Ok(Claimed::NotDue);
    }
    let newest = identity_checks::newest(conn, &row.id)?;
    if let Some(check) = newest.filter(|check| OPEN.contains(&check.state)) {
        return Ok(Claimed::Check(check));
    }
    let key = format!("identity:{}", row.user_id);
    if let Some(until) = throttle::take(conn, &key, IDENTITY_CHECKS, IDENTITY_CHECKS_WITHIN, now)? {
        return Ok(Claimed::TooMany { until });
    }
    let check = IdentityCheck {
        id: new_id(now),
        self_reset_id: row.id.clone(),
        user_id: row.user_id.clone(),
        session_id: None,
        state: CheckState::Open,
        reason: None,
        created_at: now,
        updated_at: now,
        redacted_at: None,
    };
    identity_checks::insert(conn, &check)?;
    Entry::new("identity_check_begun", AuditResult::Success)
        .about(Some(&row.user_id))
        .with("reference", row.id)
        .with("check", check.id.as_str())
        .write(conn, origin, now)?;
    Ok(Claimed::Check(check))
}

/// Where the person goes to hand in the document.
pub enum Where {
    /// Away to this URL, which is for them alone and never kept.
    Leave {
        host: String,
        url: String,
    },
    /// Nothing is to be handed in now.
    Nothing,
    Unreachable,
}

/// Asks the provider where its session goes on.
pub async fn url(provider: &dyn IdentityProvider, check: Option<&IdentityCheck>) -> Where {
    let open = check.filter(|check| OPEN.contains(&check.state)).and_then(|check| check.session_id.as_ref());
    let Some(session_id) = open else { return Where::Nothing };
    match provider.read(session_id).await {
        Ok(session) if session.status == Status::RequiresInput => {
            let host = |url: &String| url::Url::parse(url).ok()?.host_str().map(str::to_owned);
            match session.url.as_ref().and_then(host).zip(session.url.clone()) {
                Some((host, url)) => Where::Leave { host, url },
                None => Where::Nothing,
            }
        }
        Ok(_) => Where::Nothing,
        Err(error) => {
            tracing::error!(%error, "an identity check could not be read");
            Where::Unreachable
        }
    }
}

/// Asks the provider how the session of a request stands and goes on from there; `false` when the
/// provider did not answer.
pub async fn refresh(
    core: &Core,
    provider: &dyn IdentityProvider,
    check: Option<&IdentityCheck>,
    origin: &Origin,
) -> Result<bool, Fault> {
    let Some(check) = check.filter(|check| OPEN.contains(&check.state)) else { return Ok(true) };
    let Some(session_id) = &check.session_id else { return Ok(true) };
    match provider.read(session_id).await {
        Ok(session) => {
            outcome::apply(core, &check.id, session, None, origin).await?;
            Ok(true)
        }
        // The provider has forgotten it: another one may be begun.
        Err(IdentityError::Unknown) => {
            let (id, now) = (check.id.clone(), core.clock.now());
            let gone = move |conn: &mut DbConnection| {
                Ok::<_, Fault>(identity_checks::settle(conn, &id, CheckState::Canceled, None, now)?)
            };
            core.db.write(gone).await?;
            Ok(true)
        }
        Err(error) => {
            tracing::error!(%error, "an identity check could not be read");
            Ok(false)
        }
    }
}
