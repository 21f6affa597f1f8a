//! A registration begins: what was typed is kept, and its link goes out. Nothing is compared with what
//! others have; whether username and address are free is settled at **Create**.

use super::mails::{self, Kind};
use super::organization::of_ticket;
use super::road;
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::models::links::Link;
use crate::models::organizations::Organization;
use crate::models::registrations::{self, Registration};
use crate::models::users::fold;
use crate::models::{AuditResult, links, new_id};
use crate::secrets::key_ring::sha256;

use super::details::Details;

/// What came of **NEXT**.
pub enum Started {
    /// A link is on its way to the typed address.
    Mailed,
    /// The ticket is too old or its code works no longer.
    Stale,
    TooMany {
        until: Timestamp,
    },
}

/// Keeps the details (already judged) and mails the link.
pub async fn start(core: &Core, ticket: &str, details: Details, origin: &Origin) -> Result<Started, Fault> {
    let Some((code_id, organization)) = of_ticket(core, ticket).await? else { return Ok(Started::Stale) };
    let (context, origin) = (core.clone(), origin.clone());
    let started = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if !origin.unlimited {
                let key = format!("register:start:{}", origin.limited_as);
                if let Some(until) = throttle::take(conn, &key, REGISTRATIONS_PER_ADDRESS, REGISTRATION_WINDOW, now)? {
                    return Ok(Started::TooMany { until });
                }
            }
            let row = row(&organization, code_id, &details, now);
            registrations::insert(conn, &row)?;
            Entry::new("registration_started", AuditResult::Success)
                .in_organization(Some(&organization.id))
                .write(conn, &origin, now)?;
            mails::send(conn, core, &row, Kind::First, REGISTRATION_LINK, &origin, now)?;
            Ok::<_, Fault>(Started::Mailed)
        })
        .await;
    core.outbox.notify_one();
    started
}

fn row(organization: &Organization, code_id: String, details: &Details, now: Timestamp) -> Registration {
    let d = details.clone();
    Registration {
        id: new_id(now),
        organization_id: organization.id.clone(),
        registration_code_id: Some(code_id),
        username_lower: fold(&d.username),
        username: d.username,
        email_lower: fold(&d.email),
        email: d.email,
        first_name: d.first_name,
        last_name: d.last_name,
        address_1: d.address_1,
        address_2: d.address_2,
        city: d.city,
        state: d.state,
        zip_code: d.zip_code,
        phone: d.phone,
        fax: d.fax,
        created_at: now,
        last_step_at: now,
        method: None,
        verified_email: None,
        user_id: None,
    }
}

/// **Get a new link**: for a link that was opened too late. The same answer whatever it was.
pub async fn renew(core: &Core, token: &str, origin: &Origin) -> Result<(), Fault> {
    let (context, token, origin) = (core.clone(), token.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let link: Option<Link> = links::find_by_hash(conn, &sha256(&token))?;
            let Some(road) = link.map(|link| road::standing(conn, link, now)).transpose()?.flatten() else {
                return Ok(());
            };
            let kind = match (road.renames(), &road.user) {
                (true, _) => Kind::Username,
                (false, None) => Kind::First,
                (false, Some(_)) => Kind::Again,
            };
            mails::send(conn, core, &road.registration, kind, REGISTRATION_LINK, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(())
}
