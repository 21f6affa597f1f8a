//! A fresh link for somebody whose registration is not finished: by the address alone (**first login
//! with multi-factor authentication**), or by address and password (Help). The answer is always the
//! same. ASVS 6.3.8, 6.4.1.

use super::audit::{Entry, Origin};
use super::limits::LINK_ON_REQUEST;
use super::registration::mails::{self, pretend};
use super::registration::{Whom, mail_link};
use super::sign_in::Device;
use super::sign_in::password::{self, Attempt, Judged};
use super::{Core, mail_limits};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::users::{self, User};
use crate::models::{AuditResult, LoginOption};
use crate::secrets::Secret;

/// What limits are filed under.
pub(super) const PURPOSE: &str = "first_login";

/// Asks for a link by the address alone. `Some` until when this network address has to wait; whether
/// anything was sent is never told.
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
            mail(conn, core, (&email, user.as_ref()), &device, &origin, now)?;
            Ok::<_, Fault>(None)
        })
        .await?;
    core.outbox.notify_one();
    Ok(refused)
}

/// What was typed at Help.
pub struct Credentials {
    pub email: String,
    pub password: Secret<String>,
    pub device: Device,
    /// The /24 or /56 the address lies in.
    pub network: String,
}

/// Asks by address and password: judged, counted and held up as a sign-in is, one hash each time.
/// `Some` until when there are too many tries.
pub async fn ask_with_password(core: &Core, typed: Credentials, origin: &Origin) -> Result<Option<Timestamp>, Fault> {
    let (email, device) = (typed.email.trim().to_owned(), typed.device.clone());
    let attempt = Attempt {
        option: LoginOption::Email,
        email: typed.email,
        password: typed.password,
        remember: false,
        return_to: None,
        device: typed.device,
        network: typed.network,
    };
    let user = match password::judge_unfinished(core, &attempt, origin).await? {
        Judged::TooMany { until } => return Ok(Some(until)),
        Judged::Right(user) => Some(*user),
        Judged::Wrong => None,
    };
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            mail(conn, &context, (&email, user.as_ref()), &device, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(None)
}

/// Mails a link where there is something to go on with, and else works out one that goes nowhere.
fn mail(
    conn: &mut DbConnection,
    core: &Core,
    (email, user): (&str, Option<&User>),
    device: &Device,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let id = user.map(|u| u.id.as_str());
    let may_mail = mail_limits::take_of_account(conn, core, PURPOSE, (email, id), device, now)?;
    Entry::new("registration_link_asked", AuditResult::Success).about(id).write(conn, origin, now)?;
    let unfinished = |u: &&User| may_mail && mails::waits(u);
    match user.filter(unfinished) {
        Some(user) => mail_link(conn, core, Whom::User(user), LINK_ON_REQUEST, origin, now),
        None => pretend(conn, core, email, LINK_ON_REQUEST, origin, now),
    }
}
