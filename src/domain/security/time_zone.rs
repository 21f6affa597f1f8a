//! The zone somebody reads times in; without one it is the organization's. SPEC section 10.

use super::hold;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::times::zone_name;
use crate::models::sessions::Session;
use crate::models::{AuditResult, users};

/// Keeps an IANA name, or forgets it when that is empty; `false` when there is no such zone.
pub async fn choose(core: &Core, session: &Session, name: &str, origin: &Origin) -> Result<bool, Fault> {
    let zone = zone_name(name);
    if zone.is_none() && !name.trim().is_empty() {
        return Ok(false);
    }
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let user = hold(conn, &session)?;
            if user.time_zone == zone {
                return Ok(true);
            }
            users::set_time_zone(conn, &user.id, zone.as_deref(), now)?;
            Entry::new("time_zone_changed", AuditResult::Success)
                .of(&user.id)
                .with("from", user.time_zone.as_deref())
                .with("to", zone.as_deref())
                .write(conn, &origin, now)?;
            Ok(true)
        })
        .await
}
