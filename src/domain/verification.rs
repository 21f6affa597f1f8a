//! Codes that prove an address or a number outside a sign-in: at registration, for a forgotten
//! password, when an address changes. The same limits as at sign-in, counted per subject across
//! resends. ASVS 6.5.4, 6.5.5, 6.6.1, 6.6.2, 2.4.1.

use subtle::ConstantTimeEq;
use time::Duration;

use super::audit::Origin;
use super::limits::*;
use super::second_step::send_limits::{self, Refused};
use super::{Core, notices, second_step::totp, throttle};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::organizations::Organization;
use crate::models::{Channel, CodeState, FactorKind, new_id, throttles};
use crate::outbox::message::{Outgoing, Sms};
use crate::outbox::messages::{Asked, Recipient, VerifyAddressCode, code_sms};
use crate::outbox::queue::{New, Payload, enqueue};
use crate::secrets::{Secret, random};

/// What a code belongs to: a purpose and an id, kept apart from every other.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Such as `registration`; also the kind of the message.
    pub purpose: &'static str,
    pub id: String,
}

impl Subject {
    /// How codes and counters name it.
    pub fn key(&self) -> String {
        format!("{}:{}", self.purpose, self.id)
    }
}

/// Where a code goes.
#[derive(Clone, Debug)]
pub enum Target {
    Email(Recipient),
    /// E.164.
    Phone(String),
}

/// What the message needs besides.
pub struct Words<'a> {
    pub organization: Option<&'a Organization>,
    pub asked: Asked,
    pub user_id: Option<&'a str>,
}

/// Queues a new code; the older ones of the subject are worth nothing from here on. Returns the
/// message's id; call `Core::outbox.notify_one()` after the commit.
pub fn send(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    target: &Target,
    words: Words,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<String, Refused>, Fault> {
    if let Err(refused) = claim_send(conn, core, subject, target, origin, now)? {
        return Ok(Err(refused));
    }
    one_time_codes::replace_all_of_subject(conn, &subject.key())?;
    let code = random::six_digits();
    let life = if matches!(target, Target::Email(_)) { EMAIL_CODE_SECONDS } else { SMS_CODE_SECONDS };
    let (outgoing, channel, destination) = message(core, target, &words, &code, life)?;
    let new = New {
        kind: subject.purpose,
        user_id: words.user_id,
        organization_id: words.organization.map(|o| o.id.as_str()),
        payload: Payload { outgoing, code: Some(code.expose().clone()), link: None },
        life: Duration::seconds(life),
    };
    let message_id = enqueue(conn, &core.keys, new, now)?;
    one_time_codes::insert(
        conn,
        &OneTimeCode {
            id: new_id(now),
            session_id: None,
            user_id: words.user_id.map(Into::into),
            factor_id: None,
            purpose: subject.purpose.into(),
            channel,
            code_hash: core.keys.code_hash(&subject.key(), code.expose()),
            outbox_message_id: message_id.clone(),
            lifetime_seconds: life,
            tries_left: TRIES_PER_CODE,
            state: CodeState::Live,
            created_at: now,
            expires_at: None,
            subject_id: Some(subject.key()),
            destination: Some(destination),
        },
    )?;
    Ok(Ok(message_id))
}

/// Does what `send` does, save for the mail: the same limits and the same work for an address that
/// must not be told apart, and a code that nothing matches. ASVS 6.3.8.
pub fn pretend(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    address: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    if let Err(refused) = pretend_to_send(conn, core, subject, address, origin, now)? {
        return Ok(Err(refused));
    }
    if one_time_codes::latest_of_subject(conn, &subject.key())?.is_none() {
        // A code that was sent goes on working where only the next mail is held back.
        one_time_codes::insert(conn, &matching_nothing(core, subject, address, now))?;
    }
    Ok(Ok(()))
}

/// The same for somebody who may name any address: the codes sent before are worth nothing from here
/// on, as after every other send.
pub fn pretend_anew(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    address: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    if let Err(refused) = pretend_to_send(conn, core, subject, address, origin, now)? {
        return Ok(Err(refused));
    }
    one_time_codes::replace_all_of_subject(conn, &subject.key())?;
    one_time_codes::insert(conn, &matching_nothing(core, subject, address, now))?;
    Ok(Ok(()))
}

fn pretend_to_send(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    address: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    let target = Target::Email(Recipient { address: address.to_owned(), name: None });
    if let Err(refused) = claim_send(conn, core, subject, &target, origin, now)? {
        return Ok(Err(refused));
    }
    let asked = notices::asked(&super::times::Zone::named("UTC"), origin, now);
    let words = Words { organization: None, asked, user_id: None };
    let (outgoing, ..) = message(core, &target, &words, &random::six_digits(), EMAIL_CODE_SECONDS)?;
    let plain = serde_json::to_vec(&outgoing).map_err(|e| Fault::Other(e.to_string()))?;
    core.keys.seal("nowhere", &plain)?;
    Ok(Ok(()))
}

fn matching_nothing(core: &Core, subject: &Subject, address: &str, now: Timestamp) -> OneTimeCode {
    OneTimeCode {
        id: new_id(now),
        session_id: None,
        user_id: None,
        factor_id: None,
        purpose: subject.purpose.into(),
        channel: Channel::Email,
        code_hash: core.keys.code_hash(&subject.key(), random::token().expose()),
        outbox_message_id: String::new(),
        lifetime_seconds: EMAIL_CODE_SECONDS,
        tries_left: TRIES_PER_CODE,
        state: CodeState::Live,
        created_at: now,
        expires_at: Some(now + Duration::seconds(EMAIL_CODE_SECONDS)),
        subject_id: Some(subject.key()),
        destination: Some(address.to_owned()),
    }
}

fn message(
    core: &Core,
    target: &Target,
    words: &Words,
    code: &Secret<String>,
    life: i64,
) -> Result<(Outgoing, Channel, String), Fault> {
    let letterhead = notices::letterhead(core, words.organization)?;
    let life_seconds = u32::try_from(life).unwrap_or(u32::MAX);
    match target {
        Target::Phone(number) => {
            let text = code_sms(&letterhead, code.expose(), life_seconds)
                .map_err(|e| Fault::Other(format!("a message template: {e}")))?;
            Ok((Outgoing::Sms(Sms { to: number.clone(), text }), Channel::Sms, number.clone()))
        }
        Target::Email(to) => {
            let message = VerifyAddressCode { code: code.expose().clone(), life_seconds, asked: words.asked.clone() };
            let email = notices::render(&message, &letterhead, to)?;
            Ok((Outgoing::Email(email), Channel::Email, to.address.clone()))
        }
    }
}

/// The gap and the five sends of one subject, then the limits it shares with sign-ins.
pub fn claim_send(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    target: &Target,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    if matches!(target, Target::Phone(_)) && !core.settings.carries(FactorKind::Phone) {
        return Ok(Err(Refused::NotUsable));
    }
    let mut row = throttles::lock(conn, &sends_key(subject), now)?;
    if now >= row.window_start + VERIFICATION_WINDOW {
        (row.count, row.window_start) = (0, now);
    }
    let channel = if matches!(target, Target::Email(_)) { Channel::Email } else { Channel::Sms };
    let until = row.updated_at + send_limits::gap(row.count, channel);
    if row.count > 0 && now < until {
        return Ok(Err(Refused::Wait { until }));
    }
    if row.count >= SENDS_PER_CHALLENGE {
        return Ok(Err(Refused::Limit { until: row.window_start + VERIFICATION_WINDOW }));
    }
    let number = if let Target::Phone(number) = target { Some(number.as_str()) } else { None };
    if number.is_some_and(|n| !send_limits::country_is_allowed(core, n)) {
        return Ok(Err(Refused::Country));
    }
    for (key, limit, window) in send_limits::shared(core, number, origin) {
        if let Some(until) = throttle::take(conn, &key, limit, window, now)? {
            return Ok(Err(Refused::Limit { until }));
        }
    }
    row.count += 1;
    row.updated_at = now;
    throttles::save(conn, &row)?;
    Ok(Ok(()))
}

/// When the next code may be sent for a subject; `None` for at once.
pub fn next_send_at(
    conn: &mut DbConnection,
    subject: &Subject,
    channel: Channel,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let row = throttles::find(conn, &sends_key(subject))?;
    let next = row.map(|row| row.updated_at + send_limits::gap(row.count, channel));
    Ok(next.filter(|at| *at > now))
}

/// What became of a code that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Right; this address or number is proven.
    Right {
        destination: String,
    },
    Wrong,
    /// Too many wrong ones for this subject.
    TooMany {
        until: Timestamp,
    },
}

/// Judges a code against the newest of its subject: counted first, used up once.
pub fn check(
    conn: &mut DbConnection,
    core: &Core,
    subject: &Subject,
    code: &str,
    now: Timestamp,
) -> Result<Checked, Fault> {
    let tries = format!("verify:tries:{}", subject.key());
    if let Some(until) = throttle::take(conn, &tries, TRIES_PER_CODE, VERIFICATION_WINDOW, now)? {
        return Ok(Checked::TooMany { until });
    }
    let Some(row) = one_time_codes::latest_of_subject(conn, &subject.key())? else { return Ok(Checked::Wrong) };
    if !one_time_codes::claim_try(conn, &row.id, now)? {
        return Ok(Checked::Wrong);
    }
    let hash = core.keys.code_hash(&subject.key(), &totp::digits(code));
    if !bool::from(hash.ct_eq(&row.code_hash)) || !one_time_codes::consume(conn, &row.id)? {
        return Ok(Checked::Wrong);
    }
    throttles::reset(conn, &[tries, sends_key(subject)])?;
    let destination = row.destination.ok_or_else(|| Fault::Other("a code without a destination".into()))?;
    Ok(Checked::Right { destination })
}

fn sends_key(subject: &Subject) -> String {
    format!("verify:sends:{}", subject.key())
}
