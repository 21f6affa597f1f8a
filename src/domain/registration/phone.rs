//! The phone of a registration: proven before it counts; then on to the terms. ASVS 6.6.1, 6.6.2.

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::{Enrollee, phone};
use crate::domain::second_step::send_limits::Refused;
use crate::domain::sessions::{Change, Opened, follow};
use crate::domain::verification::{Checked, Subject};
use crate::models::factors::Factor;
use crate::models::session_proofs::{self, SessionProof};
use crate::models::sessions::Session;
use crate::models::{AuditResult, Stage, new_id};

/// What the codes belong to: this session, so that no other one can use them.
pub fn subject(session: &Session) -> Subject {
    Subject { purpose: "registration_phone", id: session.id.clone() }
}

/// **Send Code**; returns the id of the message.
pub async fn send(
    core: &Core,
    session: &Session,
    access: &Access,
    number: String,
    origin: &Origin,
) -> Result<Result<String, Refused>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (subject, zone) = (subject(&session), access.zone(&session));
            let (who, looks) = (Enrollee::of(&session, &access), (&zone, access.managing()));
            phone::send(conn, &context, who, (&subject, number), looks, &origin, context.clock.now())
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// **Call Me**; returns the id of the message.
pub async fn call(
    core: &Core,
    session: &Session,
    access: Access,
    number: String,
    origin: &Origin,
) -> Result<Result<String, Refused>, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    let placed = core
        .db
        .write(move |conn| {
            let (subject, who) = (subject(&session), Enrollee::of(&session, &access));
            let here = (&session, &access);
            phone::call(conn, &context, who, here, (&subject, number), &origin, context.clock.now())
        })
        .await?;
    core.outbox.notify_one();
    Ok(placed)
}

/// **Verify Code**; a right one enrolls the number and leads on.
pub async fn verify(
    core: &Core,
    session: &Session,
    access: &Access,
    code: String,
    origin: &Origin,
) -> Result<Result<Opened, Checked>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (subject, now) = (subject(&session), context.clock.now());
            match phone::verify(conn, &context, Enrollee::of(&session, &access), (&subject, &code), now)? {
                Ok(factor) => enrolled(conn, &session, &factor, "sms", &origin, now).map(Ok),
                Err(checked) => Ok(Err(checked)),
            }
        })
        .await
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
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            match phone::approved(conn, Enrollee::of(&session, &access), &call_id, now)? {
                Some(factor) => enrolled(conn, &session, &factor, "call", &origin, now).map(Some),
                None => Ok(None),
            }
        })
        .await
}

/// The number counts from here on; the next session waits for the terms.
fn enrolled(
    conn: &mut DbConnection,
    session: &Session,
    factor: &Factor,
    channel: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let proof = SessionProof {
        id: new_id(now),
        session_id: session.id.clone(),
        factor_id: Some(factor.id.clone()),
        kind: factor.kind,
        channel: channel.into(),
        scope: factor.scope,
        organization_id: factor.organization_id.clone(),
        mfa_epoch: session.mfa_epoch,
        proved_at: now,
    };
    session_proofs::insert(conn, &proof)?;
    Entry::new("factor_added", AuditResult::Success)
        .of(&session.user_id)
        .with("factor", factor.kind.as_str())
        .with("channel", channel)
        .write(conn, origin, now)?;
    to_terms(conn, session, now)
}

/// From the factor to the terms, under a new id.
pub fn to_terms(conn: &mut DbConnection, session: &Session, now: Timestamp) -> Result<Opened, Fault> {
    let change = Change { stage: Stage::Terms, organization: None, not_after: None, remembered_browser_id: None };
    follow(conn, session, change, now)
}
