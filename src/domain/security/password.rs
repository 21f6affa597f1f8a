//! A new password in place of the present one, which is asked for and counted as at sign-in.
//! ASVS 6.2.2, 6.2.3, 6.2.4, 6.3.7, 7.4.3.

use data_encoding::BASE64URL_NOPAD;

use super::{hold, renew};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::password::{self, Refusal};
use crate::domain::password_reset::rules;
use crate::domain::sessions::Opened;
use crate::domain::sign_in::Device;
use crate::domain::sign_in::password::{Attempt, Judged, judge_again};
use crate::domain::{Core, notices, throttle};
use crate::models::sessions::Session;
use crate::models::users::{self, fold};
use crate::models::{AuditResult, password_resets};
use crate::outbox::messages::PasswordReplaced;
use crate::secrets::Secret;

/// What was typed, and where.
pub struct Typed {
    pub current: Secret<String>,
    pub new: Secret<String>,
    pub device: Device,
    /// The /24 or /56 the address lies in.
    pub network: String,
}

/// What became of it.
pub enum Changed {
    Done(Box<Opened>),
    /// The present one was not right.
    Wrong,
    TooMany {
        until: Timestamp,
    },
    /// This one cannot be a password here.
    Refused(Refusal),
    /// It is the present one.
    Same,
}

pub async fn change(
    core: &Core,
    session: &Session,
    access: &Access,
    typed: Typed,
    origin: &Origin,
) -> Result<Changed, Fault> {
    if let Err(refusal) = password::check(&typed.new, &rules(access, &core.settings.installation)) {
        return Ok(Changed::Refused(refusal));
    }
    let same = typed.current.expose() == typed.new.expose();
    let (device, network) = (typed.device.clone(), typed.network.clone());
    let attempt = Attempt {
        option: session.login_option,
        email: access.user.email.clone(),
        password: typed.current,
        remember: false,
        return_to: None,
        device: typed.device,
        network: typed.network,
    };
    match judge_again(core, &attempt, origin).await? {
        Judged::Right(_) if same => return Ok(Changed::Same),
        Judged::Right(_) => {}
        Judged::Wrong => return Ok(Changed::Wrong),
        Judged::TooMany { until } => return Ok(Changed::TooMany { until }),
    }
    let hash = core.hasher.hash(&typed.new).await?;
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let opened = core
        .db
        .write(move |conn| {
            let (core, here) = (&context, (&device, network.as_str()));
            set(conn, core, (&session, &access), &hash, here, &origin)
        })
        .await?;
    core.outbox.notify_one();
    Ok(Changed::Done(Box::new(opened)))
}

/// The act with all that follows from it.
fn set(
    conn: &mut DbConnection,
    core: &Core,
    (session, access): (&Session, &Access),
    hash: &str,
    (device, network): (&Device, &str),
    origin: &Origin,
) -> Result<Opened, Fault> {
    let now = core.clock.now();
    let user = hold(conn, session)?;
    users::set_password(conn, &user.id, hash, now)?;
    // A code that is on its way for a forgotten password is worth nothing from here on.
    password_resets::delete_of_user(conn, &user.id)?;
    let account = BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &fold(&user.email)));
    throttle::password_was_set(conn, &account, network, &BASE64URL_NOPAD.encode(&device.hash()))?;
    Entry::new("password_changed", AuditResult::Success).of(&user.id).write(conn, origin, now)?;
    let message = |zone: &_| Box::new(PasswordReplaced { asked: notices::asked(zone, origin, now) }) as _;
    notices::tell_everywhere(conn, core, &user, "password_replaced", message, now)?;
    renew(conn, &Session { password_at: Some(now), ..session.clone() }, access, now)
}
