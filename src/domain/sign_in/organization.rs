//! **Choose organization** at the end of a sign-in, and **Switch organization** later.

use super::{Device, Passed, finish};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::remember_me;
use crate::domain::sessions::{Change, follow};
use crate::models::sessions::Session;
use crate::models::{AuditResult, Stage};

/// Enters an organization; the session gets a new id (ASVS 7.2.4). `None` when this person has no
/// active membership there; a foreign id answers like an unknown one.
pub async fn enter(
    core: &Core,
    session: &Session,
    access: Access,
    organization_id: &str,
    device: Device,
    origin: &Origin,
) -> Result<Option<Passed>, Fault> {
    let Some(position) = access.memberships.iter().position(|(_, o)| o.id == organization_id) else {
        return Ok(None);
    };
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let organization = &access.memberships[position].1;
            if session.stage == Stage::Organization {
                return finish(conn, &context, &session, &access, Some(organization), &device, &origin).map(Some);
            }
            let now = context.clock.now();
            let not_after = remember_me::end_of(conn, &session, now)?;
            let change = Change {
                stage: Stage::SignedIn,
                organization: Some(organization),
                not_after,
                remembered_browser_id: None,
            };
            let opened = follow(conn, &session, change, now)?;
            Entry::new("organization_switched", AuditResult::Success)
                .of(&access.user.id)
                .in_organization(Some(&organization.id))
                .write(conn, &origin, now)?;
            Ok(Some(Passed { opened, ticket: None }))
        })
        .await
}
