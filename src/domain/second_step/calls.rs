//! **Call Me**: a call that asks for the # key. Only the sign-in that placed it is approved, only
//! while the call can be answered, and only by #. NIST SP 800-63B-4 section 3.1.3.3.

use time::Duration;

use super::judge::{Judged, Proof, Try};
use super::pace::unhurried;
use super::send_limits::{self, Refused};
use super::ways;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::CALL_SECONDS;
use crate::domain::sign_in::{self, Device, Passed};
use crate::models::phone_calls::{self, PhoneCall};
use crate::models::sessions::Session;
use crate::models::{AuditResult, CallState, Channel, FactorKind, factors, new_id, one_time_codes, outbox_messages};
use crate::outbox::message::{Call, Outgoing};
use crate::outbox::queue::{New, Payload, enqueue};

/// Places a call to one of this person's phones; the id of its message.
pub async fn place(
    core: &Core,
    session: &Session,
    access: Access,
    factor_id: &str,
    origin: &Origin,
) -> Result<Result<String, Refused>, Fault> {
    let (context, session, factor_id, origin) = (core.clone(), session.clone(), factor_id.to_owned(), origin.clone());
    let placed = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let ways = ways::of_session(conn, core, &session, &access, now)?;
            let Some(factor) = ways.of(FactorKind::Phone).find(|f| f.id == factor_id) else {
                return Ok(Err(Refused::NotUsable));
            };
            let Some(number) = &factor.phone else { return Ok(Err(Refused::NotUsable)) };
            if !send_limits::country_is_allowed(core, number) {
                return Ok(Err(Refused::Country));
            }
            let target = (factor, Channel::Call);
            if let Err(refused) = send_limits::claim(conn, core, &session, &access, target, &origin, now)? {
                return Ok(Err(refused));
            }
            queue_call(conn, core, &session, &access, (&factor.id, number), &origin, now).map(Ok)
        })
        .await?;
    core.outbox.notify_one();
    Ok(placed)
}

/// Queues a call to a factor, one that still waits for its proof included; the limits are taken.
pub fn queue_call(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    (factor_id, number): (&str, &str),
    origin: &Origin,
    now: Timestamp,
) -> Result<String, Fault> {
    one_time_codes::replace_all(conn, &session.id)?;
    phone_calls::end_all(conn, &session.id)?;
    let id = new_id(now);
    let hook = format!("{}/hooks/voice/{id}", core.settings.public_url);
    let outgoing = Outgoing::Call(Call {
        to: number.to_owned(),
        answer_url: format!("{hook}/answer"),
        status_url: format!("{hook}/status"),
        ring_seconds: u32::try_from(CALL_SECONDS).unwrap_or(60),
    });
    let message_id = enqueue(
        conn,
        &core.keys,
        New {
            kind: "sign_in_call",
            user_id: Some(&access.user.id),
            organization_id: access.user.managing_organization_id.as_deref(),
            payload: Payload { outgoing, code: None, link: None },
            life: Duration::seconds(2 * CALL_SECONDS),
        },
        now,
    )?;
    phone_calls::insert(
        conn,
        &PhoneCall {
            id,
            session_id: session.id.clone(),
            user_id: access.user.id.clone(),
            factor_id: factor_id.to_owned(),
            outbox_message_id: message_id.clone(),
            state: CallState::Queued,
            created_at: now,
            expires_at: None,
        },
    )?;
    Entry::new("call_placed", AuditResult::Success).of(&access.user.id).write(conn, origin, now)?;
    Ok(message_id)
}

/// What was pressed on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Pound,
    Other,
    HangUp,
}

/// Takes a key; `true` when it approved the sign-in. Another key ends the call.
pub async fn press(core: &Core, call_id: &str, key: Key) -> Result<bool, Fault> {
    let (call_id, now) = (call_id.to_owned(), core.clock.now());
    core.db
        .write(move |conn| {
            if key == Key::Pound {
                return Ok(phone_calls::advance(conn, &call_id, CallState::Approved, now)?);
            }
            phone_calls::end(conn, &call_id, CallState::Ended)?;
            Ok(false)
        })
        .await
}

/// Somebody picked up; whether the call is still worth answering.
pub async fn answered(core: &Core, call_id: &str) -> Result<bool, Fault> {
    let (call_id, now) = (call_id.to_owned(), core.clock.now());
    core.db.write(move |conn| Ok(phone_calls::advance(conn, &call_id, CallState::Answered, now)?)).await
}

/// The gateway says that the call is over; an approval stays.
pub async fn over(core: &Core, call_id: &str, failed: bool) -> Result<(), Fault> {
    let (call_id, to) = (call_id.to_owned(), if failed { CallState::Failed } else { CallState::Ended });
    core.db.write(move |conn| Ok(phone_calls::end(conn, &call_id, to).map(|_| ())?)).await
}

/// How the newest call of a sign-in stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Placed, ringing or answered; `until` once the gateway has taken it.
    Waiting {
        until: Option<Timestamp>,
        factor_id: String,
    },
    Approved {
        call_id: String,
    },
    /// The gateway did not take it, or not yet after a first refusal.
    Failed {
        factor_id: String,
    },
    /// Not answered, refused, hung up or too late.
    Over {
        factor_id: Option<String>,
    },
}

pub async fn standing(core: &Core, session_id: &str) -> Result<Standing, Fault> {
    let (session_id, now) = (session_id.to_owned(), core.clock.now());
    let found = core
        .db
        .read(move |conn| {
            let Some(call) = phone_calls::latest(conn, &session_id)? else { return Ok(None) };
            let message = outbox_messages::find(conn, &call.outbox_message_id)?;
            Ok::<_, Fault>(Some((call, message.is_some_and(|m| m.last_error.is_some()))))
        })
        .await?;
    let Some((call, was_refused)) = found else { return Ok(Standing::Over { factor_id: None }) };
    Ok(match call.state {
        CallState::Approved => Standing::Approved { call_id: call.id },
        CallState::Failed => Standing::Failed { factor_id: call.factor_id },
        CallState::Queued if was_refused => Standing::Failed { factor_id: call.factor_id },
        CallState::Queued if call.created_at + Duration::seconds(2 * CALL_SECONDS) > now => {
            Standing::Waiting { until: None, factor_id: call.factor_id }
        }
        CallState::Ringing | CallState::Answered if call.expires_at.is_some_and(|end| end > now) => {
            Standing::Waiting { until: call.expires_at, factor_id: call.factor_id }
        }
        _ => Standing::Over { factor_id: Some(call.factor_id) },
    })
}

/// Goes on with a sign-in whose call was approved; `None` when another request did so first.
pub async fn go_on(
    core: &Core,
    session: &Session,
    access: Access,
    call_id: &str,
    device: Device,
    origin: &Origin,
) -> Result<Option<Passed>, Fault> {
    unhurried(core, &access.user.id, || take(core, session, access.clone(), call_id, device.clone(), origin)).await
}

async fn take(
    core: &Core,
    session: &Session,
    access: Access,
    call_id: &str,
    device: Device,
    origin: &Origin,
) -> Result<Option<Passed>, Fault> {
    let (context, session, call_id, origin) = (core.clone(), session.clone(), call_id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let core = &context;
            let claimed: Result<_, Judged<()>> =
                Try::claim(conn, core, (&session, &access.user), FactorKind::Phone, &origin)?;
            let Ok(attempt) = claimed else { return Ok(None) };
            let Some(call) = phone_calls::find(conn, &call_id)?.filter(|c| c.session_id == session.id) else {
                return Ok(None);
            };
            if !phone_calls::consume(conn, &call.id)? {
                return Ok(None);
            }
            let factor = factors::find(conn, &call.factor_id)?.filter(|f| f.user_id == session.user_id);
            let Some(factor) = factor else { return Ok(None) };
            attempt.right(conn, &Proof::by(&factor, "call"))?;
            send_limits::give_back(conn, core, &factor, &origin)?;
            sign_in::pass(conn, core, &session, &access, &device, &origin).map(Some)
        })
        .await
}
