//! **Choose organization** at the end of a sign-in, and **Switch organization** later.

use super::set_up::{self, Demand};
use super::{Device, Passed, finish, step_up};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::remember_me;
use crate::domain::sessions::{Change, follow};
use crate::models::organizations::Organization;
use crate::models::sessions::Session;
use crate::models::{AuditResult, Stage};

/// What became of entering an organization.
pub enum Entered {
    /// No active membership there; a foreign id answers like an unknown one.
    NotThere,
    /// On to home, or to set-up.
    Passed(Box<Passed>),
    /// Set-up is due, and this session may not lead there.
    WantsPassword,
    /// Another factor is asked for first.
    StepUp,
    /// Its own factor was switched off after too many wrong codes.
    Barred,
    /// Its safelist leaves the present address out.
    Outside,
}

/// Enters an organization; the session gets a new id (ASVS 7.2.4). A refusal leaves the session as it was, and the others open.
pub async fn enter(
    core: &Core,
    session: &Session,
    access: Access,
    organization_id: &str,
    device: Device,
    origin: &Origin,
) -> Result<Entered, Fault> {
    let Some(position) = access.memberships.iter().position(|(_, o)| o.id == organization_id) else {
        return Ok(Entered::NotThere);
    };
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let organization = &access.memberships[position].1;
            let passed = match set_up::demand(conn, &session, &access, organization, &origin.address, now)? {
                Demand::Outside => return Ok(Entered::Outside),
                Demand::Password => return Ok(Entered::WantsPassword),
                Demand::Barred => return Ok(Entered::Barred),
                Demand::OwnFactor => {
                    step_up::ask(conn, &session, Some(&organization.id), session.return_to.as_deref())?;
                    return Ok(Entered::StepUp);
                }
                Demand::SetUp => set_up::lead(conn, core, &session, &access, organization, &origin)?,
                Demand::Nothing if session.stage == Stage::SignedIn => {
                    switch(conn, &session, organization, &origin, now)?
                }
                Demand::Nothing => finish(conn, core, &session, &access, Some(organization), &device, &origin)?,
            };
            Ok(Entered::Passed(Box::new(passed)))
        })
        .await
}

pub(super) fn switch(
    conn: &mut DbConnection,
    session: &Session,
    organization: &Organization,
    origin: &Origin,
    now: Timestamp,
) -> Result<Passed, Fault> {
    let not_after = remember_me::end_of(conn, session)?;
    let organization = Some(organization);
    let change = Change { stage: Stage::SignedIn, organization, not_after, remembered_browser_id: None };
    let opened = follow(conn, session, change, now)?;
    Entry::new("organization_switched", AuditResult::Success)
        .of(&session.user_id)
        .in_organization(opened.session.organization_id.as_deref())
        .write(conn, origin, now)?;
    Ok(Passed { opened, ticket: None })
}

/// What each organization demands before it is entered, in the order of the memberships.
pub async fn demands(core: &Core, session: &Session, access: &Access, address: &str) -> Result<Vec<Demand>, Fault> {
    let (session, access, now) = (session.clone(), access.clone(), core.clock.now());
    let address = address.to_owned();
    core.db
        .read(move |conn| {
            let demand = |(_, o): &(_, _)| set_up::demand(conn, &session, &access, o, &address, now);
            access.memberships.iter().map(demand).collect()
        })
        .await
}
