//! The step with **Email Address**: which way of verifying was chosen, and the address that is proven.
//! It can be changed until **Create**; the one proven last becomes the sign-in name.

use super::road::Road;
use super::{LINK, mails, methods};
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Origin;
use crate::domain::second_step::send_limits::Refused;
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::{CodeState, FactorKind, QueryResult, links, registrations};
use crate::outbox::line::Line;
use crate::outbox::messages::Recipient;

/// What the codes of a registration belong to.
pub fn subject(road: &Road) -> Subject {
    Subject { purpose: "registration", id: road.registration.id.clone() }
}

/// **PHONE**, **EMAIL** or **AUTHENTICATOR APP**; `false` for one the organization does not allow.
pub async fn choose(core: &Core, road: &Road, method: FactorKind) -> Result<bool, Fault> {
    if !methods(&core.settings, &road.organization).contains(&method) {
        return Ok(false);
    }
    let (id, now) = (road.registration.id.clone(), core.clock.now());
    core.db.write(move |conn| Ok::<_, Fault>(registrations::choose(conn, &id, method, now)?)).await?;
    Ok(true)
}

/// The newest code that was sent and not yet put aside, with its message.
pub async fn latest(core: &Core, road: &Road) -> Result<Option<(OneTimeCode, OutboxMessage)>, Fault> {
    let key = subject(road).key();
    core.db
        .read(move |conn| {
            let code = one_time_codes::latest_of_subject(conn, &key)?;
            let Some(code) = code.filter(|c| matches!(c.state, CodeState::Live | CodeState::Dead)) else {
                return Ok(None);
            };
            let message = outbox_messages::find(conn, &code.outbox_message_id)?;
            Ok(message.map(|message| (code, message)))
        })
        .await
}

/// **Send verification code**, **Send new code**; returns the id of the message.
pub async fn send(core: &Core, road: &Road, email: String, origin: &Origin) -> Result<Result<String, Refused>, Fault> {
    let (context, road, origin) = (core.clone(), road.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let registration = &road.registration;
            let name = format!("{} {}", registration.first_name, registration.last_name);
            let target = Target::Email(Recipient { address: email, name: Some(Line::new(&name)) });
            let words = Words {
                organization: Some(&road.organization),
                asked: notices::asked(&mails::zone(Some(&road.organization)), &origin, now),
                user_id: registration.user_id.as_deref(),
            };
            let sent = verification::send(conn, core, &subject(&road), &target, words, &origin, now)?;
            if sent.is_ok() {
                registrations::set_verified(conn, &registration.id, None, now)?;
            }
            Ok::<_, Fault>(sent)
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// **Verify code**. Sent twice, it leads to where the first led; nothing is judged after a right code.
pub async fn verify(core: &Core, road: &Road, code: String) -> Result<Checked, Fault> {
    let (context, road) = (core.clone(), road.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if let Some(destination) = verified(conn, &road)? {
                return Ok(Checked::Right { destination });
            }
            let checked = verification::check(conn, core, &subject(&road), &code, now)?;
            if let Checked::Right { destination } = &checked {
                registrations::set_verified(conn, &road.registration.id, Some(destination), now)?;
            } else if let Some(destination) = verified(conn, &road)? {
                // The other of two at once came first.
                return Ok(Checked::Right { destination });
            }
            Ok(checked)
        })
        .await
}

/// The address that is proven already.
fn verified(conn: &mut DbConnection, road: &Road) -> QueryResult<Option<String>> {
    Ok(registrations::find(conn, &road.registration.id)?.and_then(|row| row.verified_email))
}

/// **Change**: the code on its way is put aside, another address can be typed.
pub async fn change(core: &Core, road: &Road) -> Result<(), Fault> {
    let (id, key, now) = (road.registration.id.clone(), subject(road).key(), core.clock.now());
    core.db
        .write(move |conn| {
            one_time_codes::replace_all_of_subject(conn, &key)?;
            Ok::<_, Fault>(registrations::set_verified(conn, &id, None, now)?)
        })
        .await?;
    Ok(())
}

/// Another username, after the first one was taken. The link is like any other from here on: whether this
/// name is free is settled at **Create**, and who asks for a new link goes on with it.
pub async fn rename(core: &Core, road: &Road, username: String) -> Result<(), Fault> {
    let (id, link, now) = (road.registration.id.clone(), road.link.id.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            registrations::rename(conn, &id, &username, now)?;
            Ok(links::set_purpose(conn, &link, LINK)?)
        })
        .await
}
