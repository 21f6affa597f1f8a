//! Another sign-in address: it counts once a code sent to it comes back. Whether it belongs to somebody
//! else is told to that person and to nobody here. ASVS 6.3.7, 6.3.8, 7.4.3.

use super::{claim_try, give_back_try, hold, renew};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW};
use crate::domain::second_step::send_limits::Refused;
use crate::domain::sessions::Opened;
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices, throttle};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::sessions::Session;
use crate::models::users::{self, User};
use crate::models::{AuditResult, CodeState, email_changes, factors, password_resets};
use crate::outbox::line::Line;
use crate::outbox::messages::{AddressWanted, EmailChanged, Recipient};

/// What the codes belong to.
pub fn subject(session: &Session) -> Subject {
    Subject { purpose: "email_change", id: session.id.clone() }
}

/// The newest code that is not put aside. Some match nothing, and cannot be told from the others.
pub async fn latest(core: &Core, session: &Session) -> Result<Option<OneTimeCode>, Fault> {
    let key = subject(session).key();
    let open = |c: &OneTimeCode| matches!(c.state, CodeState::Live | CodeState::Dead);
    core.db.read(move |conn| Ok(one_time_codes::latest_of_subject(conn, &key)?.filter(open))).await
}

/// **Send verification code**, **Send new code**. The inner error says why not.
pub async fn send(
    core: &Core,
    session: &Session,
    access: &Access,
    address: &str,
    origin: &Origin,
) -> Result<Result<(), Refused>, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (address, origin) = (address.to_owned(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            let subject = subject(&session);
            if let Some(owner) = users::find_by_email(conn, &address)? {
                let pretended = verification::pretend_anew(conn, core, &subject, &address, &origin, now)?;
                if pretended.is_ok() {
                    // The same entry in both cases: its subject reads it.
                    asked_for(conn, &user, &origin, now)?;
                    tell_owner(conn, core, &owner, &origin, now)?;
                }
                return Ok::<_, Fault>(pretended);
            }
            let words = Words {
                organization: access.managing(),
                asked: notices::asked(&access.zone(&session), &origin, now),
                user_id: Some(&user.id),
            };
            let target = Target::Email(Recipient { address, name: Some(Line::new(&user.full_name())) });
            let sent = verification::send(conn, core, &subject, &target, words, &origin, now)?;
            if sent.is_ok() {
                asked_for(conn, &user, &origin, now)?;
            }
            Ok(sent.map(|_| ()))
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

fn asked_for(conn: &mut DbConnection, user: &User, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    Ok(Entry::new("email_change_asked", AuditResult::Success).of(&user.id).write(conn, origin, now)?)
}

/// Tells the owner of an address that somebody wanted to sign in with it.
fn tell_owner(
    conn: &mut DbConnection,
    core: &Core,
    owner: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = format!("security:wanted:{}", owner.id);
    if throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_some() {
        return Ok(());
    }
    let message = |zone: &_| Box::new(AddressWanted { proposed: false, asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, owner, "address_wanted", message, now)
}

/// Puts the code on its way aside: another address can be typed.
pub async fn start_over(core: &Core, session: &Session) -> Result<(), Fault> {
    let key = subject(session).key();
    core.db.write(move |conn| Ok(one_time_codes::replace_all_of_subject(conn, &key).map(|_| ())?)).await
}

/// What became of **Verify code**.
pub enum Changed {
    Done(Box<Opened>),
    Wrong,
    TooMany { until: Timestamp },
}

pub async fn verify(
    core: &Core,
    session: &Session,
    access: &Access,
    code: &str,
    origin: &Origin,
) -> Result<Changed, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (code, origin) = (code.to_owned(), origin.clone());
    let changed = core.db.write(move |conn| judge(conn, &context, (&session, &access), &code, &origin)).await;
    core.outbox.notify_one();
    match changed {
        // Somebody took the address between the look and the update: nothing has changed.
        Err(fault) if fault.is_unique_violation() => Ok(Changed::Wrong),
        changed => changed,
    }
}

fn judge(
    conn: &mut DbConnection,
    core: &Core,
    (session, access): (&Session, &Access),
    code: &str,
    origin: &Origin,
) -> Result<Changed, Fault> {
    let now = core.clock.now();
    let user = hold(conn, session)?;
    if let Some(until) = claim_try(conn, &user.id, origin, now)? {
        return Ok(Changed::TooMany { until });
    }
    let address = match verification::check(conn, core, &subject(session), code, now)? {
        Checked::Right { destination } => destination,
        Checked::TooMany { until } => return Ok(Changed::TooMany { until }),
        Checked::Wrong => return wrong(conn, &user, origin, now),
    };
    give_back_try(conn, &user.id, origin)?;
    if let Some(owner) = users::find_by_email(conn, &address)? {
        // Registered since the code was sent.
        tell_owner(conn, core, &owner, origin, now)?;
        return wrong(conn, &user, origin, now);
    }
    set(conn, core, (session, access), (&user, &address), origin, now).map(|o| Changed::Done(Box::new(o)))
}

fn wrong(conn: &mut DbConnection, user: &User, origin: &Origin, now: Timestamp) -> Result<Changed, Fault> {
    Entry::new("email_changed", AuditResult::Failure).of(&user.id).write(conn, origin, now)?;
    Ok(Changed::Wrong)
}

/// The act with all that follows from it.
fn set(
    conn: &mut DbConnection,
    core: &Core,
    (session, access): (&Session, &Access),
    (user, address): (&User, &str),
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let mut told = notices::addresses_of(conn, user)?;
    told.push(address.to_owned());
    if !users::change_email(conn, &user.id, &user.email, address, now)? {
        return Err(Fault::Ended);
    }
    factors::follow_email(conn, &user.id, &user.email, address)?;
    // A code for a forgotten password that went to the old address is worth nothing from here on.
    password_resets::delete_of_user(conn, &user.id)?;
    // Nor is an address that an administrator proposed before.
    email_changes::delete_of_user(conn, &user.id)?;
    Entry::new("email_changed", AuditResult::Success)
        .of(&user.id)
        .with("from", user.email.as_str())
        .with("to", address)
        .write(conn, origin, now)?;
    let (old, new) = (user.email.as_str(), address);
    let message = |zone: &_| {
        Box::new(EmailChanged { old: old.into(), new: new.into(), asked: notices::asked(zone, origin, now) }) as _
    };
    notices::tell_at(conn, core, user, &told, "email_changed", message, now)?;
    renew(conn, session, access, now)
}
