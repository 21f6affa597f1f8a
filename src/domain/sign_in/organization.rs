//! **Choose organization** at the end of a sign-in, and **Switch organization** later.

use super::{Device, Passed, finish};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::models::sessions::{self, Session};
use crate::models::{AuditResult, Stage};

/// Enters an organization. `None` when this person has no active membership there; a foreign id
/// answers like an unknown one.
pub async fn enter(
    core: &Core,
    session: &Session,
    access: Access,
    organization_id: &str,
    device: Device,
    origin: &Origin,
) -> Result<Option<Option<Passed>>, Fault> {
    let Some(position) = access.memberships.iter().position(|(_, o)| o.id == organization_id) else {
        return Ok(None);
    };
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let organization = &access.memberships[position].1;
            if session.stage == Stage::Organization {
                let passed = finish(conn, &context, &session, &access, Some(organization), &device, &origin)?;
                return Ok(Some(Some(passed)));
            }
            sessions::set_organization(conn, &session.id, &organization.id)?;
            Entry::new("organization_switched", AuditResult::Success)
                .of(&access.user.id)
                .in_organization(Some(&organization.id))
                .write(conn, &origin, context.clock.now())?;
            Ok(Some(None))
        })
        .await
}
