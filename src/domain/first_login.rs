//! A fresh link for somebody whose registration is not finished: by the address alone (**first login
//! with multi-factor authentication**), or by address and password (Help). The answer is always the
//! same. ASVS 6.3.8, 6.4.1.

use super::audit::{Entry, Origin};
use super::limits::LINK_ON_REQUEST;
use super::registration::{Whom, mail_link};
use super::sign_in::Device;
use super::sign_in::password::{self, Attempt, Judged};
use super::times::Zone;
use super::{Core, mail_limits, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, LoginOption};
use crate::outbox::messages::{FirstLogin, Recipient};
use crate::secrets::{Secret, random};

/// What limits are filed under.
const PURPOSE: &str = "first_login";

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
    let unfinished = |u: &&User| may_mail && matches!(u.account, Account::Invited | Account::Unfinished);
    match user.filter(unfinished) {
        Some(user) => mail_link(conn, core, Whom::User(user), LINK_ON_REQUEST, origin, now),
        None => pretend(core, email, origin, now),
    }
}

/// The same work for an address to which nothing goes.
fn pretend(core: &Core, email: &str, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    let message = message(core, &random::token(), &Zone::named("UTC"), origin, now);
    let to = Recipient { address: email.to_owned(), name: None };
    let email = notices::render(&message, &notices::letterhead(core, None)?, &to)?;
    let plain = serde_json::to_vec(&email).map_err(|e| Fault::Other(e.to_string()))?;
    core.keys.seal("nowhere", &plain)?;
    Ok(())
}

fn message(core: &Core, token: &Secret<String>, zone: &Zone, origin: &Origin, now: Timestamp) -> FirstLogin {
    FirstLogin {
        link: format!("{}/register/continue/{}", core.settings.public_url, token.expose()),
        life_seconds: u32::try_from(LINK_ON_REQUEST.whole_seconds()).unwrap_or(u32::MAX),
        asked: notices::asked(zone, origin, now),
    }
}
