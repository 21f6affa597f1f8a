//! The phone of a registration: proven by a code or by the # key before it counts. ASVS 6.6.1, 6.6.2.

use super::create::new_factor;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::second_step::calls;
use crate::domain::second_step::send_limits::Refused;
use crate::domain::sessions::{Change, Opened, follow};
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices};
use crate::models::factors::{self, Factor};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::session_proofs::{self, SessionProof};
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorKind, FactorState, Stage, new_id, phone_calls};

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
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    let (organization, user_id, zone) = (access.managing().cloned(), access.user.id.clone(), access.zone(&session));
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            phone_calls::end_all(conn, &session.id)?;
            let words = Words {
                organization: organization.as_ref(),
                asked: notices::asked(&zone, &origin, now),
                user_id: Some(&user_id),
            };
            verification::send(conn, core, &subject(&session), &Target::Phone(number), words, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// **Call Me**: the number waits as a factor that does not count until # is pressed.
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
            let (core, now) = (&context, context.clock.now());
            let target = Target::Phone(number.clone());
            if let Err(refused) = verification::claim_send(conn, core, &subject(&session), &target, &origin, now)? {
                return Ok(Err(refused));
            }
            one_time_codes::replace_all_of_subject(conn, &subject(&session).key())?;
            factors::delete_of_user(conn, &access.user.id, &[FactorKind::Phone], Some(FactorState::Pending))?;
            let factor = new_factor(&access.user.id, FactorKind::Phone, FactorState::Pending, &number, now);
            factors::insert(conn, &factor)?;
            calls::queue_call(conn, core, &session, &access, (&factor.id, &number), &origin, now).map(Ok)
        })
        .await?;
    core.outbox.notify_one();
    Ok(placed)
}

/// The newest code of this session and its message.
pub async fn latest(core: &Core, session: &Session) -> Result<Option<(OneTimeCode, OutboxMessage)>, Fault> {
    let key = subject(session).key();
    core.db
        .read(move |conn| {
            let Some(code) = one_time_codes::latest_of_subject(conn, &key)? else { return Ok(None) };
            let message = outbox_messages::find(conn, &code.outbox_message_id)?;
            Ok(message.map(|message| (code, message)))
        })
        .await
}

/// The number a call of this session goes to.
pub async fn number_called(core: &Core, factor_id: &str) -> Result<Option<String>, Fault> {
    let id = factor_id.to_owned();
    core.db.read(move |conn| Ok(factors::find(conn, &id)?.and_then(|f| f.phone))).await
}

/// **Verify Code**; a right one enrolls the number and leads on.
pub async fn verify(
    core: &Core,
    session: &Session,
    code: String,
    origin: &Origin,
) -> Result<Result<Opened, Checked>, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let checked = verification::check(conn, core, &subject(&session), &code, now)?;
            let Checked::Right { destination } = checked else { return Ok(Err(checked)) };
            let factor = new_factor(&session.user_id, FactorKind::Phone, FactorState::Active, &destination, now);
            factors::insert(conn, &factor)?;
            enrolled(conn, &session, &factor, "sms", &origin, now).map(Ok)
        })
        .await
}

/// Goes on once # was pressed; `None` when another request did so first.
pub async fn go_on(core: &Core, session: &Session, call_id: &str, origin: &Origin) -> Result<Option<Opened>, Fault> {
    let (context, session, call_id, origin) = (core.clone(), session.clone(), call_id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let call = phone_calls::find(conn, &call_id)?.filter(|c| c.session_id == session.id);
            let Some(call) = call else { return Ok(None) };
            if !phone_calls::consume(conn, &call.id)? || !factors::confirm(conn, &call.factor_id, now)? {
                return Ok(None);
            }
            let Some(factor) = factors::find(conn, &call.factor_id)? else { return Ok(None) };
            enrolled(conn, &session, &factor, "call", &origin, now).map(Some)
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
        organization_id: None,
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
