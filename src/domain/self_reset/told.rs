//! What comes without being asked for: events of the provider, and the worker's turn, which asks about
//! documents that are being looked at and ends with the provider what has ended here.

use time::Duration;

use super::{check, expire, outcome};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::audit::Origin;
use crate::identity::{IdentityError, IdentityProvider};
use crate::models::stripe_events::{self, Arrival};
use crate::models::{CheckState, identity_checks};

/// Rows per turn and kind: the rest has the next turn.
const BATCH: i64 = 20;

/// An event whose signature was right.
pub struct Event {
    pub id: String,
    /// Seconds since 1970.
    pub signed_at: i64,
    /// The session it is about, and what that session calls itself.
    pub session_id: String,
    pub reference: Option<String>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Acted on, or nothing to act on.
    Yes,
    /// The same post once more.
    Replayed,
    /// The provider could not be asked; it may send the event again.
    Later,
}

/// Takes in an event: the session is read again before anything is believed.
pub async fn told(core: &Core, provider: &dyn IdentityProvider, event: Event) -> Result<Taken, Fault> {
    let Event { id, signed_at, session_id, reference } = event;
    let (arrival, known) = {
        let (id, session_id) = (id.clone(), session_id.clone());
        let look = move |conn: &mut crate::db::DbConnection| {
            let arrival = stripe_events::look(conn, &id, signed_at)?;
            Ok::<_, Fault>((arrival, identity_checks::find_by_session(conn, &session_id)?))
        };
        core.db.read(look).await?
    };
    if arrival == Arrival::Replayed {
        return Ok(Taken::Replayed);
    }
    let ours = known.filter(|check| reference.as_ref() == Some(&check.id) && arrival == Arrival::First);
    let Some(check) = ours else {
        let now = core.clock.now();
        let taken = core.db.write(move |conn| Ok::<_, Fault>(stripe_events::take(conn, &id, signed_at, now)?)).await?;
        return Ok(if taken == Arrival::Replayed { Taken::Replayed } else { Taken::Yes });
    };
    let session = match provider.read(&session_id).await {
        Ok(session) => session,
        Err(error) => {
            tracing::error!(%error, "an identity check could not be read");
            return Ok(if matches!(error, IdentityError::Unknown) { Taken::Yes } else { Taken::Later });
        }
    };
    match outcome::apply(core, &check.id, session, Some((id, signed_at)), &Origin::default()).await? {
        Arrival::Replayed => Ok(Taken::Replayed),
        Arrival::First | Arrival::Again => Ok(Taken::Yes),
    }
}

/// The worker's turn. A provider that does not answer is asked again at the next.
pub async fn tidy(core: &Core, provider: &dyn IdentityProvider, record: Duration) -> Result<(), Fault> {
    let now = core.clock.now();
    core.db.write(move |conn| expire(conn, None, now)).await?;
    for check in list(core, CheckState::Processing).await? {
        let id = check.id.clone();
        core.db.write(move |conn| identity_checks::asked(conn, &id, now).map_err(Fault::from)).await?;
        check::refresh(core, provider, Some(&check), &Origin::default()).await?;
    }
    for check in list(core, CheckState::Closing).await? {
        let told = match &check.session_id {
            Some(session_id) => provider.cancel(session_id).await,
            None => Ok(()),
        };
        if let Err(error) = told {
            tracing::warn!(%error, "an identity check could not be canceled");
            break;
        }
        core.db.write(move |conn| identity_checks::closed(conn, &check.id, now).map_err(Fault::from)).await?;
    }
    redact(core, provider, record).await
}

async fn list(core: &Core, state: CheckState) -> Result<Vec<identity_checks::IdentityCheck>, Fault> {
    core.db.read(move |conn| Ok(identity_checks::list_in(conn, state, BATCH)?)).await
}

async fn redact(core: &Core, provider: &dyn IdentityProvider, record: Duration) -> Result<(), Fault> {
    let now = core.clock.now();
    let due = core.db.read(move |conn| Ok::<_, Fault>(identity_checks::list_to_redact(conn, now - record, BATCH)?));
    for check in due.await? {
        let Some(session_id) = &check.session_id else { continue };
        if let Err(error) = provider.redact(session_id).await {
            tracing::warn!(%error, "an identity check could not be redacted");
            return Ok(());
        }
        core.db.write(move |conn| identity_checks::redacted(conn, &check.id, now).map_err(Fault::from)).await?;
    }
    Ok(())
}
