//! Mails about what happened to an account, queued with the act.

use url::Url;

use super::Core;
use super::audit::Origin;
use super::devices;
use super::limits::NOTICE_LIFE;
use super::times::Zone;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::factors;
use crate::models::organizations::{self, Organization};
use crate::models::users::{User, fold};
use crate::outbox::line::Line;
use crate::outbox::message::{Email, Outgoing};
use crate::outbox::messages::{Asked, Letterhead, Message, Recipient};
use crate::outbox::queue::{New, Payload, enqueue};

/// The head of a message: the installation and, where there is one, the organization.
pub fn letterhead(core: &Core, organization: Option<&Organization>) -> Result<Letterhead, Fault> {
    let url = Url::parse(&core.settings.public_url).map_err(|e| Fault::Other(format!("public_url: {e}")))?;
    let organization = organization.map(|o| Line::new(&o.name));
    Ok(Letterhead::new(core.settings.installation.as_str(), organization, &url))
}

/// Who asked, told in the reader's zone.
pub fn asked(zone: &Zone, origin: &Origin, now: Timestamp) -> Asked {
    let browser = match origin.is_command_line() {
        true => "the command line".into(),
        false => devices::describe(&origin.user_agent),
    };
    Asked { when: zone.time_with_zone(now).into(), browser: browser.into(), address: origin.address.as_str().into() }
}

/// The reader of a message about their account.
pub fn reader(user: &User) -> Recipient {
    Recipient { address: user.email.clone(), name: Some(Line::new(&user.full_name())) }
}

/// The zone of somebody's managing organization, or their own.
pub fn zone_of(conn: &mut DbConnection, user: &User) -> Result<(Zone, Option<Organization>), Fault> {
    let organization = match &user.managing_organization_id {
        Some(id) => organizations::find(conn, id)?,
        None => None,
    };
    let name = user.time_zone.clone().or_else(|| organization.as_ref().map(|o| o.time_zone.clone()));
    Ok((Zone::named(name.as_deref().unwrap_or("UTC")), organization))
}

/// Queues a notice to the person it is about. The worker is woken after the commit, or finds it.
pub fn tell(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    kind: &str,
    message: impl FnOnce(&Zone) -> Box<dyn Message>,
    now: Timestamp,
) -> Result<(), Fault> {
    let (zone, organization) = zone_of(conn, user)?;
    let email = render(&*message(&zone), &letterhead(core, organization.as_ref())?, &reader(user))?;
    queue(conn, core, user, kind, email, now)
}

/// Queues a notice to every address on record: the account's own, and those of its e-mail factors.
/// ASVS 6.3.7.
pub fn tell_everywhere(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    kind: &str,
    message: impl FnOnce(&Zone) -> Box<dyn Message>,
    now: Timestamp,
) -> Result<(), Fault> {
    let addresses = addresses_of(conn, user)?;
    tell_at(conn, core, user, &addresses, kind, message, now)
}

/// Every address on record: the account's own, and those of its e-mail factors.
pub fn addresses_of(conn: &mut DbConnection, user: &User) -> Result<Vec<String>, Fault> {
    let others = factors::list(conn, &user.id)?.into_iter().filter_map(|f| f.email);
    Ok(std::iter::once(user.email.clone()).chain(others).collect())
}

/// Queues a notice to these addresses, once to each.
pub fn tell_at(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    addresses: &[String],
    kind: &str,
    message: impl FnOnce(&Zone) -> Box<dyn Message>,
    now: Timestamp,
) -> Result<(), Fault> {
    let (zone, organization) = zone_of(conn, user)?;
    let (message, letterhead) = (message(&zone), letterhead(core, organization.as_ref())?);
    let mut told = Vec::new();
    for address in addresses {
        if told.contains(&fold(address)) {
            continue;
        }
        told.push(fold(address));
        let email = render(&*message, &letterhead, &Recipient { address: address.clone(), ..reader(user) })?;
        queue(conn, core, user, kind, email, now)?;
    }
    Ok(())
}

/// Renders a message.
pub fn render(message: &dyn Message, letterhead: &Letterhead, to: &Recipient) -> Result<Email, Fault> {
    message.email(letterhead, to).map_err(|e| Fault::Other(format!("a message template: {e}")))
}

fn queue(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    kind: &str,
    email: Email,
    now: Timestamp,
) -> Result<(), Fault> {
    let new = New {
        kind,
        user_id: Some(&user.id),
        organization_id: user.managing_organization_id.as_deref(),
        payload: Payload { outgoing: Outgoing::Email(email), code: None, link: None },
        life: NOTICE_LIFE,
    };
    enqueue(conn, &core.keys, new, now).map(|_| ())
}
