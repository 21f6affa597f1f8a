//! **Send verification code** and **Send new code**. Whether anybody has the address shows neither in
//! the answer nor in the work: without a mail the same is worked out and thrown away. ASVS 6.3.8.

use super::{PURPOSE, subject};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::PASSWORD_RESET;
use crate::domain::second_step::send_limits;
use crate::domain::sign_in::Device;
use crate::domain::verification::{self, Target, Words};
use crate::domain::{Core, domain_account, mail_limits, notices};
use crate::models::password_resets::{self, PasswordReset};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, QueryResult, ResetState, new_id};
use crate::outbox::messages::NoPasswordHere;
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// Why nothing can be asked for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many from this network address.
    Address { until: Timestamp },
    /// The gap since the last code, or a limit on sends.
    Send(send_limits::Refused),
}

/// Begins with an address; the secret goes into the browser's cookie.
pub async fn start(
    core: &Core,
    email: &str,
    device: &Device,
    origin: &Origin,
) -> Result<Result<Secret<String>, Refused>, Fault> {
    let (context, email, device, origin) = (core.clone(), email.trim().to_owned(), device.clone(), origin.clone());
    let started = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = users::find_by_email(conn, &email)?;
            let token = random::token();
            let row = PasswordReset {
                id: new_id(now),
                token_hash: sha256(token.expose()),
                user_id: if has_password(conn, user.as_ref())? { user.as_ref().map(|u| u.id.clone()) } else { None },
                email,
                state: ResetState::Sent,
                created_at: now,
                expires_at: now + PASSWORD_RESET,
            };
            if let Err(refused) = send(conn, core, &row, user.as_ref(), &device, &origin, now)? {
                return Ok(Err(refused));
            }
            password_resets::insert(conn, &row)?;
            Ok::<_, Fault>(Ok(token))
        })
        .await?;
    core.outbox.notify_one();
    Ok(started)
}

/// Sends another code for the same address.
pub async fn resend(
    core: &Core,
    reset: &PasswordReset,
    device: &Device,
    origin: &Origin,
) -> Result<Result<(), Refused>, Fault> {
    let (context, reset, device, origin) = (core.clone(), reset.clone(), device.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = users::find_by_email(conn, &reset.email)?;
            send(conn, core, &reset, user.as_ref(), &device, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// Whether a new password would open anything: an account that signs in here, with one.
pub(super) fn has_password(conn: &mut DbConnection, user: Option<&User>) -> QueryResult<bool> {
    let refused = domain_account::refuses_password(conn, user)?;
    Ok(user.is_some_and(|u| u.account == Account::Active && u.password_hash.is_some()) && !refused)
}

fn send(
    conn: &mut DbConnection,
    core: &Core,
    row: &PasswordReset,
    user: Option<&User>,
    device: &Device,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    let subject = subject(&row.id);
    let gap = verification::next_send_at(conn, &subject, crate::models::Channel::Email, now)?;
    if let Some(until) = gap {
        return Ok(Err(Refused::Send(send_limits::Refused::Wait { until })));
    }
    if let Some(until) = mail_limits::take_of_address(conn, PURPOSE, origin, now)? {
        return Ok(Err(Refused::Address { until }));
    }
    let account = (row.email.as_str(), user.map(|u| u.id.as_str()));
    let may_mail = mail_limits::take_of_account(conn, core, PURPOSE, account, device, now)?;
    Entry::new("password_reset_asked", AuditResult::Success)
        .about(user.map(|u| u.id.as_str()))
        .write(conn, origin, now)?;
    let opens = has_password(conn, user)?;
    let with_password = user.filter(|u| may_mail && opens && row.user_id.as_ref() == Some(&u.id));
    let Some(user) = with_password else {
        let pretended = verification::pretend(conn, core, &subject, &row.email, origin, now)?;
        if let Some(user) = user.filter(|_| may_mail && pretended.is_ok()) {
            tell_without_password(conn, core, user, origin, now)?;
        }
        return Ok(pretended.map_err(Refused::Send));
    };
    let (zone, organization) = notices::zone_of(conn, user)?;
    let asked = notices::asked(&zone, origin, now);
    let words = Words { organization: organization.as_ref(), asked, user_id: Some(&user.id) };
    let target = Target::Email(notices::reader(user));
    let sent = verification::send(conn, core, &subject, &target, words, origin, now)?;
    Ok(sent.map(|_| ()).map_err(Refused::Send))
}

/// An account that exists and has no password to forget says so to its owner. Disabled ones get no mail.
fn tell_without_password(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    if user.account == Account::Disabled || has_password(conn, Some(user))? {
        return Ok(());
    }
    let unfinished = user.account != Account::Active;
    let message = |zone: &_| Box::new(NoPasswordHere { unfinished, asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, user, "no_password_here", message, now)
}
