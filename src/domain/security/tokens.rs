//! Hardware tokens: assigned by an administrator, put into use by their owner with a valid code.

use super::{added, claim_try, give_back_try, hold};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::hardware_tokens::{Tried, put_into_use};
use crate::domain::sessions::Opened;
use crate::models::factors::{self, Factor};
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorKind, FactorState};

/// What became of **Activate**.
pub enum Activated {
    Done(Box<Opened>),
    /// None of this person's, or in use already.
    NotFound,
    Wrong,
    /// Right for a time so many minutes from now; counted as wrong.
    ClockOff {
        minutes: i64,
    },
    TooMany {
        until: Timestamp,
    },
}

/// The states an owner may end. One that was switched off by wrong codes is an administrator's to put back.
const WAITING: [FactorState; 2] = [FactorState::Pending, FactorState::Deactivated];

/// Whether a token waits for its owner.
pub fn is_waiting(factor: &Factor) -> bool {
    factor.kind == FactorKind::HardwareToken && WAITING.contains(&factor.state)
}

/// A token of somebody's that waits.
pub async fn find(core: &Core, user_id: &str, id: &str) -> Result<Option<Factor>, Fault> {
    let (user_id, id) = (user_id.to_owned(), id.to_owned());
    core.db.read(move |conn| Ok(factors::find(conn, &id)?.filter(|f| f.user_id == user_id && is_waiting(f)))).await
}

/// Judges the code, and takes its step together with the token: of fifty posts at once one wins.
pub async fn activate(
    core: &Core,
    session: &Session,
    access: &Access,
    (id, code): (&str, &str),
    origin: &Origin,
) -> Result<Activated, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let (id, code) = (id.to_owned(), code.to_owned());
    let activated = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            let token = factors::find(conn, &id)?.filter(|f| f.user_id == user.id && is_waiting(f));
            let Some(token) = token else { return Ok::<_, Fault>(Activated::NotFound) };
            if let Some(until) = claim_try(conn, &user.id, &origin, now)? {
                return Ok(Activated::TooMany { until });
            }
            let refused = match put_into_use(conn, core, &token, &code, &WAITING, now)? {
                Tried::Activated => {
                    give_back_try(conn, &user.id, &origin)?;
                    let opened = added(conn, core, (&session, &access), (&token, "totp"), &origin, now)?;
                    return Ok(Activated::Done(Box::new(opened)));
                }
                Tried::Wrong => Activated::Wrong,
                Tried::ClockOff { minutes } => Activated::ClockOff { minutes },
            };
            let entry = Entry::new("factor_added", AuditResult::Failure).of(&user.id);
            entry.with("factor", FactorKind::HardwareToken.as_str()).write(conn, &origin, now)?;
            Ok(refused)
        })
        .await?;
    core.outbox.notify_one();
    Ok(activated)
}
