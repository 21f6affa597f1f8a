//! Whoever came by an e-mailed link. The link is good for a while from its making; once opened, the
//! registration may stand still for half an hour. Opening consumes nothing, so what the browser keeps
//! says when it was opened, under a key of ours.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::{LINK, USERNAME_LINK};
use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Origin;
use crate::domain::limits::{REGISTRATION_MEMORY, STAND_STILL};
use crate::domain::links::{self, Found, Owner};
use crate::domain::{Core, first_login, mail_limits};
use crate::models::links::Link;
use crate::models::organizations::{self, Organization};
use crate::models::registrations::{self, Registration};
use crate::models::users::{self, User};
use crate::models::{Account, links as rows, throttles};
use crate::secrets::Secret;
use crate::secrets::key_ring::sha256;

/// A registration somebody is in the middle of.
#[derive(Clone)]
pub struct Road {
    pub link: Link,
    pub registration: Registration,
    pub organization: Organization,
    /// Somebody invited, or whose registration stopped after **Create**.
    pub user: Option<User>,
}

impl Road {
    /// Whether it begins with choosing another username.
    pub fn renames(&self) -> bool {
        self.link.purpose == USERNAME_LINK
    }

    /// Whether a password was chosen before.
    pub fn has_password(&self) -> bool {
        self.user.as_ref().is_some_and(|u| u.account == Account::Unfinished && u.password_hash.is_some())
    }

    pub fn owner(&self) -> Owner<'_> {
        owner(&self.registration)
    }
}

/// Whether a registration is young enough to be gone on with. It is over at its hour, however long the
/// sweep that erases it takes to come round.
pub fn is_kept(registration: &Registration, now: Timestamp) -> bool {
    now < registration.created_at + REGISTRATION_MEMORY
}

/// Links belong to the registration's row: it is there from the first link to the last.
pub fn owner(registration: &Registration) -> Owner<'_> {
    Owner { user_id: None, subject_id: Some(&registration.id) }
}

/// Opens a link. What comes back is for the browser to keep; `None` for one that is over or unknown.
pub async fn open(core: &Core, token: &str) -> Result<Option<(Secret<String>, Road)>, Fault> {
    let (token, now) = (token.to_owned(), core.clock.now());
    let kept = Secret::new(kept(core, &token, now));
    let road = core.db.read(move |conn| {
        for purpose in [LINK, USERNAME_LINK] {
            if let Found::Good(link) = links::find(conn, purpose, &token, now)? {
                return standing(conn, link, now);
            }
        }
        Ok::<_, Fault>(None)
    });
    Ok(road.await?.map(|road| (kept, road)))
}

/// The registration behind what the browser kept, while its link is the newest and not used up and
/// nobody let it stand still for too long.
pub async fn of_cookie(core: &Core, value: &str) -> Result<Option<Road>, Fault> {
    let Some((token, opened_at)) = read(core, value) else { return Ok(None) };
    let now = core.clock.now();
    core.db
        .read(move |conn| {
            let Some(link) = rows::find_by_hash(conn, &sha256(&token))? else { return Ok(None) };
            if link.used_at.is_some() || link.replaced_at.is_some() {
                return Ok(None);
            }
            let road = standing(conn, link, now)?;
            Ok(road.filter(|road| now < road.registration.last_step_at.max(opened_at) + STAND_STILL))
        })
        .await
}

/// The row behind a link, when it still waits for something and is not due to be erased.
pub fn standing(conn: &mut DbConnection, link: Link, now: Timestamp) -> Result<Option<Road>, Fault> {
    let Some(id) = link.subject_id.clone() else { return Ok(None) };
    let found = registrations::find(conn, &id)?;
    let Some(registration) = found.filter(|r| is_kept(r, now)) else { return Ok(None) };
    let user = match &registration.user_id {
        Some(id) => users::find(conn, id)?,
        None => None,
    };
    let waits = match &user {
        Some(user) => matches!(user.account, Account::Invited | Account::Unfinished),
        None => registration.user_id.is_none(),
    };
    let organization = organizations::find(conn, &registration.organization_id)?;
    let organization = organization.filter(|o| o.disabled_at.is_none() && waits);
    Ok(organization.map(|organization| Road { link, registration, organization, user }))
}

/// A link was used up: what was asked for from this address turned out to be honest and does not count
/// against it. A practice behind one address registers in one afternoon.
pub async fn used(core: &Core, origin: &Origin) -> Result<(), Fault> {
    let origin = origin.clone();
    core.db
        .write(move |conn| {
            for what in ["start", "reset"] {
                throttles::give_back(conn, &format!("register:{what}:{}", origin.limited_as))?;
            }
            Ok(mail_limits::give_back(conn, first_login::PURPOSE, &origin)?)
        })
        .await
}

fn kept(core: &Core, token: &str, now: Timestamp) -> String {
    let text = format!("{token}.{}", unix(now));
    format!("{text}.{}", signature(core, &text))
}

fn read(core: &Core, value: &str) -> Option<(String, Timestamp)> {
    let (text, sent) = value.rsplit_once('.')?;
    if !bool::from(signature(core, text).as_bytes().ct_eq(sent.as_bytes())) {
        return None;
    }
    let (token, opened) = text.split_once('.')?;
    let opened = OffsetDateTime::UNIX_EPOCH + Duration::seconds(opened.parse().ok()?);
    Some((token.to_owned(), PrimitiveDateTime::new(opened.date(), opened.time())))
}

fn signature(core: &Core, text: &str) -> String {
    BASE64URL_NOPAD.encode(&core.keys.code_hash("registration road", text))
}
