//! Somebody who stopped between **Create** and **CONTINUE** and comes back by a link: the mailbox alone
//! does not open what has a password, so that is asked, once. Or they begin anew with another one.

use super::create;
use super::road::{self, Road};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::new_factor;
use crate::domain::sessions::Opened;
use crate::domain::sign_in::Device;
use crate::domain::sign_in::password::{Attempt, Outcome, attempt};
use crate::models::factors::{self, Factor};
use crate::models::users::User;
use crate::models::{AuditResult, FactorKind, FactorState, LoginOption, Stage, links, sessions, users};
use crate::secrets::Secret;

/// What came of the password.
pub enum Resumed {
    Opened(Box<Opened>),
    Wrong,
    TooMany {
        until: Timestamp,
    },
    /// The link was used up meanwhile, or a step before is missing.
    OutOfOrder,
}

/// Judges the password as every sign-in does, and opens the session for the rest of the road.
pub async fn resume(
    core: &Core,
    road: &Road,
    password: Secret<String>,
    (device, network): (Device, String),
    origin: &Origin,
) -> Result<Resumed, Fault> {
    let (Some(user), Some(method)) = (road.user.clone(), road.registration.method) else {
        return Ok(Resumed::OutOfOrder);
    };
    let attempted = Attempt {
        option: LoginOption::Email,
        email: user.email.clone(),
        password,
        remember: false,
        return_to: None,
        device,
        network,
    };
    match attempt(core, attempted, origin).await? {
        Outcome::Unfinished => {}
        Outcome::TooMany { until } => return Ok(Resumed::TooMany { until }),
        Outcome::Wrong => return Ok(Resumed::Wrong),
        // Finished meanwhile, in another browser.
        Outcome::SecondStep(_) | Outcome::Passed(_) | Outcome::Outside => return Ok(Resumed::OutOfOrder),
    }
    let (context, link, by) = (core.clone(), road.link.id.clone(), origin.clone());
    let resumed = core
        .db
        .write(move |conn| {
            let now = context.clock.now();
            if !links::consume_opened(conn, &link, now)? {
                return Ok(Resumed::OutOfOrder);
            }
            let Some(user) = users::find(conn, &user.id)? else { return Ok(Resumed::OutOfOrder) };
            open(conn, &user, method, &by, now).map(|opened| Resumed::Opened(Box::new(opened)))
        })
        .await?;
    if matches!(resumed, Resumed::Opened(_)) {
        road::used(core, origin).await?;
    }
    Ok(resumed)
}

fn open(
    conn: &mut DbConnection,
    user: &User,
    method: FactorKind,
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let mut opened = create::open(conn, user, method, origin, now)?;
    let enrolled: Vec<Factor> =
        factors::list(conn, &user.id)?.into_iter().filter(|f| f.state == FactorState::Active).collect();
    if method != FactorKind::Authenticator && !enrolled.iter().any(|f| f.kind == FactorKind::Email) {
        // They chose another way this time; the address was proven before and by the link again.
        let factor = new_factor(&user.id, FactorKind::Email, FactorState::Active, &user.email, now);
        factors::insert(conn, &factor)?;
    }
    create::prove_address(conn, &opened.session.id, user, now)?;
    if opened.session.stage == Stage::Registration && enrolled.iter().any(|f| f.kind == method) {
        sessions::advance(conn, &opened.session.id, Stage::Registration, Stage::Terms)?;
        opened.session.stage = Stage::Terms;
    }
    Entry::new("registration_resumed", AuditResult::Success).of(&user.id).write(conn, origin, now)?;
    Ok(opened)
}
