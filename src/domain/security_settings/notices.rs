//! Owners learn of every change to the security of their organization.

use super::super::administration::Actor;
use super::super::audit::Origin;
use super::super::{Core, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::organizations::Organization;
use crate::models::{memberships, users};
use crate::outbox::messages::SecuritySettingsChanged;

/// Queues a mail to every owner, whoever made the change among them.
pub fn tell_owners(
    conn: &mut DbConnection,
    core: &Core,
    organization: &Organization,
    actor: &Actor,
    changes: Vec<String>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    for id in memberships::owner_user_ids(conn, &organization.id)? {
        let Some(owner) = users::find(conn, &id)? else { continue };
        let message = |zone: &_| {
            Box::new(SecuritySettingsChanged {
                organization: organization.name.as_str().into(),
                by: actor.user.full_name().as_str().into(),
                changes: changes.iter().map(|change| change.as_str().into()).collect(),
                asked: notices::asked(zone, origin, now),
            }) as _
        };
        notices::tell(conn, core, &owner, "security_settings_changed", message, now)?;
    }
    Ok(())
}
