//! Codes by text message and by e-mail: sent within limits, one live at a time, judged against the
//! newest only. ASVS 6.5.4, 6.5.5, 6.6.2, 6.6.3; NIST SP 800-63B-4 section 3.1.3.2.

use subtle::ConstantTimeEq;
use time::Duration;

use super::judge::{Judged, Proof, Try};
use super::pace::unhurried;
use super::send_limits::{self, Refused};
use super::{totp, ways};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::sign_in::{self, Device, Passed};
use crate::domain::{Core, notices};
use crate::models::factors::{self, Factor};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::sessions::{self, Session};
use crate::models::{AuditResult, Channel, CodeState, FactorKind, Stage, new_id, phone_calls};
use crate::outbox::message::{Outgoing, Sms};
use crate::outbox::messages::{Asked, SignInCode, code_sms};
use crate::outbox::queue::{New, Payload, enqueue};
use crate::secrets::{Secret, random};

/// What is sealed into a code's hash: the code of one sign-in is worth nothing in another.
fn purpose(session_id: &str) -> String {
    format!("sign_in:{session_id}")
}

/// Sends a new code to one of this person's phones or to their e-mail factor.
/// Returns the id of the message, to wait for its hand-over.
pub async fn send(
    core: &Core,
    session: &Session,
    access: Access,
    factor_id: &str,
    origin: &Origin,
) -> Result<Result<String, Refused>, Fault> {
    let (context, session, factor_id, origin) = (core.clone(), session.clone(), factor_id.to_owned(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let ways = ways::of_session(conn, core, &session, &access, now)?;
            let Some(factor) = ways.usable.iter().find(|f| f.id == factor_id) else {
                return Ok(Err(Refused::NotUsable));
            };
            // A code sent in an authenticator's name would prove something that was not shown.
            let channel = match factor.kind {
                FactorKind::Phone => Channel::Sms,
                FactorKind::Email => Channel::Email,
                _ => return Ok(Err(Refused::NotUsable)),
            };
            if factor.phone.as_ref().is_some_and(|number| !send_limits::country_is_allowed(core, number)) {
                return Ok(Err(Refused::Country));
            }
            let limited = send_limits::claim(conn, core, &session, &access, (factor, channel), &origin, now)?;
            if let Err(refused) = limited {
                Entry::new("code_send_refused", AuditResult::Refused)
                    .of(&access.user.id)
                    .with("why", format!("{refused:?}"))
                    .write(conn, &origin, now)?;
                return Ok(Err(refused));
            }
            queue_code(conn, core, &session, &access, (factor, channel), &origin, now).map(Ok)
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

fn queue_code(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    (factor, channel): (&Factor, Channel),
    origin: &Origin,
    now: Timestamp,
) -> Result<String, Fault> {
    one_time_codes::replace_all(conn, &session.id)?;
    phone_calls::end_all(conn, &session.id)?;
    let code = random::six_digits();
    let life = match channel {
        Channel::Email => access.managing().map_or(EMAIL_CODE_AT_SIGN_IN, |o| o.email_code_seconds),
        _ => SMS_CODE_SECONDS,
    };
    let outgoing = message(core, access, factor, &code, life, notices::asked(&access.zone(session), origin, now))?;
    let message_id = enqueue(
        conn,
        &core.keys,
        New {
            kind: "sign_in_code",
            user_id: Some(&access.user.id),
            organization_id: access.user.managing_organization_id.as_deref(),
            payload: Payload { outgoing, code: Some(code.expose().clone()), link: None },
            life: Duration::seconds(SMS_CODE_SECONDS),
        },
        now,
    )?;
    one_time_codes::insert(
        conn,
        &OneTimeCode {
            id: new_id(now),
            session_id: Some(session.id.clone()),
            user_id: Some(access.user.id.clone()),
            factor_id: Some(factor.id.clone()),
            purpose: "sign_in".into(),
            channel,
            code_hash: core.keys.code_hash(&purpose(&session.id), code.expose()),
            outbox_message_id: message_id.clone(),
            lifetime_seconds: life,
            tries_left: TRIES_PER_CODE,
            state: CodeState::Live,
            created_at: now,
            expires_at: None,
            subject_id: None,
            destination: None,
        },
    )?;
    Entry::new("code_sent", AuditResult::Success)
        .of(&access.user.id)
        .with("channel", channel.as_str())
        .write(conn, origin, now)?;
    Ok(message_id)
}

fn message(
    core: &Core,
    access: &Access,
    factor: &Factor,
    code: &Secret<String>,
    life: i64,
    asked: Asked,
) -> Result<Outgoing, Fault> {
    let letterhead = notices::letterhead(core, access.managing())?;
    let life_seconds = u32::try_from(life).unwrap_or(u32::MAX);
    if let Some(number) = &factor.phone {
        let text = code_sms(&letterhead, code.expose(), life_seconds)
            .map_err(|e| Fault::Other(format!("a message template: {e}")))?;
        return Ok(Outgoing::Sms(Sms { to: number.clone(), text }));
    }
    let message = SignInCode { code: code.expose().clone(), life_seconds, asked };
    let mut to = notices::reader(&access.user);
    to.address = factor.email.clone().unwrap_or(to.address);
    notices::render(&message, &letterhead, &to).map(Outgoing::Email)
}

/// What a right code leads to.
pub enum Right {
    /// By text message: signed in, or to an organization.
    Passed(Passed),
    /// By e-mail: **Continue** is still to be pressed.
    Continue,
}

/// Judges a code that was sent to this sign-in.
pub async fn verify(
    core: &Core,
    session: &Session,
    access: Access,
    (channel, code): (Channel, &str),
    device: Device,
    origin: &Origin,
) -> Result<Judged<Right>, Fault> {
    unhurried(core, &access.user.id, || judge(core, session, access.clone(), (channel, code), device.clone(), origin))
        .await
}

async fn judge(
    core: &Core,
    session: &Session,
    access: Access,
    (channel, code): (Channel, &str),
    device: Device,
    origin: &Origin,
) -> Result<Judged<Right>, Fault> {
    let (context, session, code, origin) = (core.clone(), session.clone(), totp::digits(code), origin.clone());
    core.db
        .write(move |conn| {
            let core = &context;
            let kind = if channel == Channel::Email { FactorKind::Email } else { FactorKind::Phone };
            let attempt = match Try::claim(conn, core, (&session, &access.user), kind, &origin)? {
                Ok(attempt) => attempt,
                Err(refused) => return Ok(refused),
            };
            let Some(factor) = take(conn, core, &session, (channel, &code), attempt.now)? else {
                return attempt.wrong(conn);
            };
            attempt.right(conn, &Proof::by(&factor, channel.as_str()))?;
            send_limits::give_back(conn, core, &factor, &origin)?;
            if channel == Channel::Email {
                sessions::advance(conn, &session.id, session.stage, Stage::EmailVerified)?;
                return Ok(Judged::Right(Right::Continue));
            }
            let passed = sign_in::pass(conn, core, &session, &access, &device, &origin)?;
            Ok(Judged::Right(Right::Passed(passed)))
        })
        .await
}

/// Uses up the newest code when it is this one, in time and live; the factor it was sent to.
fn take(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    (channel, code): (Channel, &str),
    now: Timestamp,
) -> Result<Option<Factor>, Fault> {
    let Some(row) = one_time_codes::latest(conn, &session.id, channel)? else { return Ok(None) };
    if !one_time_codes::claim_try(conn, &row.id, now)? {
        return Ok(None);
    }
    let hash = core.keys.code_hash(&purpose(&session.id), code);
    if !bool::from(hash.ct_eq(&row.code_hash)) || !one_time_codes::consume(conn, &row.id)? {
        return Ok(None);
    }
    let Some(id) = &row.factor_id else { return Ok(None) };
    Ok(factors::find(conn, id)?.filter(|f| f.user_id == session.user_id && ways::counts_in(session, f)))
}

/// The newest code of a sign-in and its message, for the page.
pub async fn latest(
    core: &Core,
    session_id: &str,
    channel: Channel,
) -> Result<Option<(OneTimeCode, crate::models::outbox_messages::OutboxMessage)>, Fault> {
    let session_id = session_id.to_owned();
    core.db
        .read(move |conn| {
            let Some(code) = one_time_codes::latest(conn, &session_id, channel)? else { return Ok(None) };
            let message = crate::models::outbox_messages::find(conn, &code.outbox_message_id)?;
            Ok(message.map(|message| (code, message)))
        })
        .await
}
