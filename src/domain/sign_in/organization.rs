//! **Choose organization** at the end of a sign-in, and **Switch organization** later.

use super::{Device, Passed, finish};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::sessions::{Change, follow};
use crate::models::sessions::Session;
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
) -> Result<Option<Passed>, Fault> {
    let Some(position) = access.memberships.iter().position(|(_, o)| o.id == organization_id) else {
        return Ok(None);
    };
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let organization = &access.memberships[position].1;
            if session.stage == Stage::Organization {
                let passed = finish(conn, &context, &session, &access, Some(organization), &device, &origin)?;
                return Ok(Some(passed));
            }
            // A new id at each elevation and each switch (ASVS 7.2.4).
            let not_after = Some(session.expires_at);
            let organization = Some(organization);
            let change = Change { stage: Stage::SignedIn, organization, not_after, remembered_browser_id: None };
            let opened = follow(conn, &session, change, context.clock.now())?;
            Entry::new("organization_switched", AuditResult::Success)
                .of(&access.user.id)
                .in_organization(opened.session.organization_id.as_deref())
                .write(conn, &origin, context.clock.now())?;
            Ok(Some(Passed { opened, ticket: None }))
        })
        .await
}
