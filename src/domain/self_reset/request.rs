//! The address, and the link that is mailed to it. Whether anybody has the address shows neither in
//! the answer nor in the work. ASVS 6.3.8, 2.4.1.

use super::{PURPOSE, account_hash, expire, mails};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{RESET_MAILS, RESET_MAILS_WITHIN, SELF_RESET};
use crate::domain::sign_in::Device;
use crate::domain::{Core, domain_account, mail_limits, throttle};
use crate::models::self_resets::{self, SelfReset};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, SelfResetState, new_id};

/// Asks for a link by the address. `Some` until when this network address has to wait; whether anything
/// was sent is never told.
pub async fn ask(core: &Core, email: &str, device: &Device, origin: &Origin) -> Result<Option<Timestamp>, Fault> {
    let (context, email, device, origin) = (core.clone(), email.trim().to_owned(), device.clone(), origin.clone());
    let refused = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if let Some(until) = mail_limits::take_of_address(conn, PURPOSE, &origin, now)? {
                return Ok(Some(until));
            }
            let user = users::find_by_email(conn, &email)?;
            let id = user.as_ref().map(|u| u.id.as_str());
            let may_mail = mail_limits::take_of_account(conn, core, PURPOSE, (&email, id), &device, now)?;
            Entry::new("self_reset_asked", AuditResult::Success).about(id).write(conn, &origin, now)?;
            let elsewhere = domain_account::refuses_password(conn, user.as_ref())?;
            match user.filter(|u| may_mail && u.account == Account::Active) {
                Some(user) if user.password_hash.is_some() && !elsewhere => {
                    let request = live(conn, &user, &origin, now)?;
                    mails::link(conn, core, &user, &request, &origin, now)?;
                }
                Some(user) => mails::elsewhere(conn, core, &user, &origin, now)?,
                None => mails::pretend(conn, core, &email, &origin, now)?,
            }
            Ok::<_, Fault>(None)
        })
        .await?;
    core.outbox.notify_one();
    Ok(refused)
}

/// The request that goes on already, or a new one. One at a time: the account's row is held, and
/// `live_user_id` is unique.
fn live(conn: &mut DbConnection, user: &User, origin: &Origin, now: Timestamp) -> Result<SelfReset, Fault> {
    users::lock(conn, &user.id)?;
    expire(conn, Some(&user.id), now)?;
    if let Some(row) = self_resets::find_live(conn, &user.id, now)? {
        self_resets::prolong(conn, &row.id, now + SELF_RESET)?;
        return Ok(row);
    }
    let row = SelfReset {
        id: new_id(now),
        user_id: user.id.clone(),
        live_user_id: Some(user.id.clone()),
        state: SelfResetState::Requested,
        account_hash: account_hash(user),
        document: None,
        document_key_id: None,
        score: None,
        reasons: String::new(),
        decided_by: None,
        note: None,
        created_at: now,
        updated_at: now,
        expires_at: now + SELF_RESET,
    };
    self_resets::insert(conn, &row)?;
    Entry::new("self_reset_begun", AuditResult::Success)
        .about(Some(&user.id))
        .with("reference", row.id.as_str())
        .write(conn, origin, now)?;
    Ok(row)
}

/// Another reset link for a request that is ready: the newest counts. The inner error says until when
/// there is none.
pub async fn send_again(core: &Core, request_id: &str, origin: &Origin) -> Result<Result<(), Timestamp>, Fault> {
    let (context, id, origin) = (core.clone(), request_id.to_owned(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let ready = [SelfResetState::Ready];
            if !self_resets::advance(conn, &id, &ready, SelfResetState::Ready, now + SELF_RESET, now)? {
                return Ok(Ok(()));
            }
            let Some(row) = self_resets::find(conn, &id)? else { return Ok(Ok(())) };
            let Some(user) = users::find(conn, &row.user_id)? else { return Ok(Ok(())) };
            let key = format!("mails:self_reset_finish:{}", user.id);
            if let Some(until) = throttle::take(conn, &key, RESET_MAILS, RESET_MAILS_WITHIN, now)? {
                return Ok(Err(until));
            }
            Entry::new("self_reset_link_again", AuditResult::Success)
                .about(Some(&user.id))
                .write(conn, &origin, now)?;
            mails::ready(conn, core, &user, &row, now)?;
            Ok::<_, Fault>(Ok(()))
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}
