//! Another phone: it waits until a code or the # key has proven it. ASVS 6.6.1, 6.6.2, 2.4.1.

use super::{added, claim_try, give_back_try, hold};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::{Enrollee, phone};
use crate::domain::second_step::send_limits::{self, Refused};
use crate::domain::sessions::Opened;
use crate::domain::verification::{Checked, Subject};
use crate::domain::{Core, throttle};
use crate::models::factors::{self, Factor};
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorState};

/// What the codes belong to: this session, so that no other one can use them.
pub fn subject(session: &Session) -> Subject {
    Subject { purpose: "phone_enrollment", id: session.id.clone() }
}

/// Why nothing was sent.
pub enum NotSent {
    /// It is enrolled already.
    Taken,
    Refused(Refused),
}

/// **Send Code** or **Call Me**; returns the id of the message.
pub async fn send(
    core: &Core,
    session: &Session,
    access: &Access,
    (number, call): (String, bool),
    origin: &Origin,
) -> Result<Result<String, NotSent>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now, subject) = (&context, context.clock.now(), subject(&session));
            hold(conn, &session)?;
            let who = Enrollee::of(&session, &access);
            if is_taken(conn, who, &number, None)? {
                return Ok(Err(NotSent::Taken));
            }
            let personal = send_limits::of_person(conn, &access)?;
            if let Some(until) = throttle::take_all(conn, &personal, now)? {
                return refused(conn, &access, Refused::Limit { until }, &origin, now);
            }
            let sent = if call {
                phone::call(conn, core, who, (&session, &access), (&subject, number), &origin, now)?
            } else {
                let zone = access.zone(&session);
                phone::send(conn, core, who, (&subject, number), (&zone, access.managing()), &origin, now)?
            };
            match sent {
                Ok(message) if call => Ok(Ok(message)),
                Ok(message) => {
                    let entry = Entry::new("code_sent", AuditResult::Success).of(&access.user.id);
                    entry.with("channel", "sms").write(conn, &origin, now)?;
                    Ok(Ok(message))
                }
                Err(why) => refused(conn, &access, why, &origin, now),
            }
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

fn refused<T>(
    conn: &mut DbConnection,
    access: &Access,
    why: Refused,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<T, NotSent>, Fault> {
    Entry::new("code_send_refused", AuditResult::Refused)
        .of(&access.user.id)
        .with("why", format!("{why:?}"))
        .write(conn, origin, now)?;
    Ok(Err(NotSent::Refused(why)))
}

/// What became of **Verify Code**.
pub enum Verified {
    Added(Box<Opened>),
    Taken,
    Wrong,
    TooMany { until: Timestamp },
}

pub async fn verify(
    core: &Core,
    session: &Session,
    access: &Access,
    code: &str,
    origin: &Origin,
) -> Result<Verified, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (code, origin) = (code.to_owned(), origin.clone());
    let verified = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            if let Some(until) = claim_try(conn, &user.id, &origin, now)? {
                return Ok::<_, Fault>(Verified::TooMany { until });
            }
            let who = Enrollee::of(&session, &access);
            let factor = match phone::verify(conn, core, who, (&subject(&session), &code), now)? {
                Ok(factor) => factor,
                Err(Checked::TooMany { until }) => return Ok(Verified::TooMany { until }),
                Err(_) => {
                    failed(conn, &user.id, &origin, now)?;
                    return Ok(Verified::Wrong);
                }
            };
            give_back_try(conn, &user.id, &origin)?;
            match accept(conn, core, (&session, &access), (&factor, "sms"), &origin, now)? {
                Some(opened) => Ok(Verified::Added(Box::new(opened))),
                None => Ok(Verified::Taken),
            }
        })
        .await?;
    core.outbox.notify_one();
    Ok(verified)
}

fn failed(conn: &mut DbConnection, user_id: &str, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    let entry = Entry::new("factor_added", AuditResult::Failure).of(user_id).with("factor", "phone");
    Ok(entry.write(conn, origin, now)?)
}

/// Goes on once # was pressed; `None` when another request did so first.
pub async fn go_on(
    core: &Core,
    session: &Session,
    access: &Access,
    call_id: &str,
    origin: &Origin,
) -> Result<Option<Opened>, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (call_id, origin) = (call_id.to_owned(), origin.clone());
    let opened = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            hold(conn, &session)?;
            let Some(factor) = phone::approved(conn, Enrollee::of(&session, &access), &call_id, now)? else {
                return Ok(None);
            };
            accept(conn, core, (&session, &access), (&factor, "call"), &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(opened)
}

/// A number proven twice, by a code and by a call, is one phone.
fn accept(
    conn: &mut DbConnection,
    core: &Core,
    (session, access): (&Session, &Access),
    (factor, channel): (&Factor, &'static str),
    origin: &Origin,
    now: Timestamp,
) -> Result<Option<Opened>, Fault> {
    let number = factor.phone.as_deref().unwrap_or_default();
    if is_taken(conn, Enrollee::of(session, access), number, Some(&factor.id))? {
        factors::delete_of(conn, &access.user.id, &factor.id)?;
        return Ok(None);
    }
    send_limits::give_back(conn, core, factor, origin)?;
    added(conn, core, (session, access), (factor, channel), origin, now).map(Some)
}

/// Whether the number is enrolled already where the new one would count.
fn is_taken(conn: &mut DbConnection, who: Enrollee, number: &str, but: Option<&str>) -> Result<bool, Fault> {
    let scope = who.scope();
    let same = |f: &Factor| {
        f.phone.as_deref() == Some(number)
            && f.state != FactorState::Pending
            && (f.scope, f.organization_id.clone()) == scope
            && Some(f.id.as_str()) != but
    };
    Ok(factors::list(conn, &who.user.id)?.iter().any(same))
}
