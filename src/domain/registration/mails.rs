//! The mails of a registration. A link goes to the registered address and nowhere else.

use time::Duration;

use super::road::{is_kept, owner};
use super::{LINK, USERNAME_LINK};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{INVITATION_LINK, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW};
use crate::domain::links::{self, Owner};
use crate::domain::times::Zone;
use crate::domain::{Core, notices, throttle};
use crate::models::organizations::{self, Organization};
use crate::models::profiles;
use crate::models::registrations::{self, Registration};
use crate::models::users::{User, fold};
use crate::models::{Account, AuditResult, new_id};
use crate::outbox::line::Line;
use crate::outbox::message::Outgoing;
use crate::outbox::messages::{Message, Recipient};
use crate::outbox::queue::{New, Payload, enqueue};
use crate::outbox::registration_messages::{
    RegistrationAddressTaken, RegistrationLink, RegistrationReset, RegistrationUsernameTaken,
};

/// Whose registration a link is for.
pub enum Whom<'a> {
    /// Somebody invited, or whose registration stopped after **Create**; nothing is sent to others.
    User(&'a User),
    Registration(&'a Registration),
}

/// Mails a link that goes on with a registration; older ones are worth nothing from here on. Silent
/// about somebody for whom there is nothing to go on with, and once too many were sent to one
/// address. Call `Core::outbox.notify_one()` after the commit.
pub fn mail_link(
    conn: &mut DbConnection,
    core: &Core,
    whom: Whom,
    life: Duration,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    match whom {
        Whom::Registration(registration) => send(conn, core, registration, Kind::Again, life, origin, now),
        Whom::User(user) => match of_user(conn, user, now)? {
            Some(registration) => send(conn, core, &registration, Kind::Again, life, origin, now),
            None => Ok(()),
        },
    }
}

/// Whether there is something for this person to go on with.
pub fn waits(user: &User) -> bool {
    matches!(user.account, Account::Invited | Account::Unfinished)
}

/// The row of somebody who has an account already; made if need be.
pub fn of_user(conn: &mut DbConnection, user: &User, now: Timestamp) -> Result<Option<Registration>, Fault> {
    if !waits(user) {
        return Ok(None);
    }
    if let Some(found) = registrations::find_by_user(conn, &user.id)?.filter(|r| is_kept(r, now)) {
        // It has to outlive the link it is for.
        if !is_kept(&found, now + INVITATION_LINK) {
            registrations::keep_from(conn, &found.id, now)?;
        }
        return Ok(Some(found));
    }
    let Some(organization_id) = user.managing_organization_id.clone() else { return Ok(None) };
    let profile = profiles::find(conn, &user.id)?;
    let of = |field: fn(profiles::Profile) -> String| profile.clone().map(field).unwrap_or_default();
    let row = Registration {
        id: new_id(now),
        organization_id,
        registration_code_id: None,
        username: user.username.clone(),
        username_lower: user.username_lower.clone(),
        email: user.email.clone(),
        email_lower: user.email_lower.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        address_1: of(|p| p.address_1),
        address_2: of(|p| p.address_2),
        city: of(|p| p.city),
        state: of(|p| p.state),
        zip_code: of(|p| p.zip_code),
        phone: of(|p| p.phone),
        fax: of(|p| p.fax),
        created_at: now,
        last_step_at: now,
        method: None,
        verified_email: None,
        user_id: Some(user.id.clone()),
    };
    registrations::insert(conn, &row)?;
    Ok(Some(row))
}

/// Why a link goes out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    First,
    Again,
    /// Its username was taken by somebody else.
    Username,
}

/// Whether the newest link of a registration was for choosing another username.
pub fn must_rename(conn: &mut DbConnection, registration: &Registration) -> Result<bool, Fault> {
    let newest = crate::models::links::newest_of_subject(conn, &registration.id)?;
    Ok(newest.is_some_and(|link| link.purpose == USERNAME_LINK))
}

pub fn send(
    conn: &mut DbConnection,
    core: &Core,
    registration: &Registration,
    kind: Kind,
    life: Duration,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let to =
        data_encoding::BASE64URL_NOPAD.encode(&core.keys.code_hash("registration mail", &registration.email_lower));
    let key = format!("register:mails:{to}");
    if throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_some() {
        Entry::new("registration_link_refused", AuditResult::Refused)
            .about(registration.user_id.as_deref())
            .in_organization(Some(&registration.organization_id))
            .write(conn, origin, now)?;
        return work_for_nothing(conn, core, &registration.email, life, origin, now);
    }
    // A new link kills every older one, whatever it began with.
    for purpose in [LINK, USERNAME_LINK] {
        crate::models::links::replace_all(conn, purpose, None, Some(&registration.id), now)?;
    }
    let purpose = if kind == Kind::Username { USERNAME_LINK } else { LINK };
    let token = links::create(conn, purpose, owner(registration), life, now)?;
    let organization = organizations::find(conn, &registration.organization_id)?;
    let zone = zone(organization.as_ref());
    let link = format!("{}/register/continue/{}", core.settings.public_url, token.expose());
    let asked = notices::asked(&zone, origin, now);
    let life_seconds = u32::try_from(life.whole_seconds()).unwrap_or(u32::MAX);
    let (name, message): (&str, Box<dyn Message>) = match kind {
        Kind::First => {
            ("registration_link", Box::new(RegistrationLink { link: link.clone(), life_seconds, asked }) as _)
        }
        Kind::Again => ("registration_reset", Box::new(RegistrationReset { link: link.clone(), life_seconds, asked })),
        Kind::Username => (
            "registration_username_taken",
            Box::new(RegistrationUsernameTaken {
                username: Line::new(&registration.username),
                link: link.clone(),
                life_seconds,
                asked,
            }),
        ),
    };
    let full_name = Line::new(&format!("{} {}", registration.first_name, registration.last_name));
    let to = Recipient { address: registration.email.clone(), name: Some(full_name) };
    let email = notices::render(&*message, &notices::letterhead(core, organization.as_ref())?, &to)?;
    enqueue(
        conn,
        &core.keys,
        New {
            kind: name,
            user_id: registration.user_id.as_deref(),
            organization_id: Some(&registration.organization_id),
            payload: Payload { outgoing: Outgoing::Email(email), code: None, link: Some(link) },
            life,
        },
        now,
    )?;
    Ok(Entry::new("registration_link_sent", AuditResult::Success)
        .about(registration.user_id.as_deref())
        .in_organization(Some(&registration.organization_id))
        .with("kind", name)
        .write(conn, origin, now)?)
}

/// Does what `send` does, save for the mail, where a stranger must not tell from the time that there is
/// nothing to go on with. ASVS 6.3.8.
pub fn pretend(
    conn: &mut DbConnection,
    core: &Core,
    typed: &str,
    life: Duration,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let nobody = data_encoding::BASE64URL_NOPAD.encode(&core.keys.code_hash("registration mail to nobody", typed));
    throttle::take(conn, &format!("register:nobody:{nobody}"), REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?;
    Entry::new("registration_link_refused", AuditResult::Refused).write(conn, origin, now)?;
    work_for_nothing(conn, core, typed, life, origin, now)
}

/// A link that is gone again, and a message that goes nowhere.
fn work_for_nothing(
    conn: &mut DbConnection,
    core: &Core,
    to: &str,
    life: Duration,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let nobody = new_id(now);
    for purpose in [LINK, USERNAME_LINK] {
        crate::models::links::replace_all(conn, purpose, None, Some(&nobody), now)?;
    }
    let token = links::create(conn, LINK, Owner { user_id: None, subject_id: Some(&nobody) }, life, now)?;
    crate::models::links::delete_of_subject(conn, &nobody)?;
    organizations::find(conn, &nobody)?;
    let message = RegistrationReset {
        link: format!("{}/register/continue/{}", core.settings.public_url, token.expose()),
        life_seconds: u32::try_from(life.whole_seconds()).unwrap_or(u32::MAX),
        asked: notices::asked(&Zone::named("UTC"), origin, now),
    };
    let to = Recipient { address: to.to_owned(), name: Some(Line::new(to)) };
    let email = notices::render(&message, &notices::letterhead(core, None)?, &to)?;
    let plain = serde_json::to_vec(&email).map_err(|e| Fault::Other(e.to_string()))?;
    core.keys.seal("nowhere", &plain)?;
    Ok(())
}

/// Tells the owner of an address that somebody wanted to register with it.
pub fn tell_owner(
    conn: &mut DbConnection,
    core: &Core,
    owner: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = format!("register:taken:{}", fold(&owner.id));
    if throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_some() {
        return Ok(());
    }
    let unfinished = waits(owner);
    let message =
        |zone: &Zone| Box::new(RegistrationAddressTaken { unfinished, asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, owner, "registration_address_taken", message, now)
}

pub fn zone(organization: Option<&Organization>) -> Zone {
    Zone::named(organization.map_or("UTC", |o| o.time_zone.as_str()))
}
