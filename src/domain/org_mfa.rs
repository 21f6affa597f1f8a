//! Requiring MFA for everybody, as a script says it: whether, and how many days of grace.

use super::Core;
use super::administration::Actor;
use super::audit::Origin;
use super::security_settings::{self, Outcome, Settings};
use crate::db::Fault;
use crate::models::organizations::{self, Organization};

/// How often it is tried again when somebody saves the settings at the same moment.
const TRIES: usize = 3;

/// Sets it in the actor's organization and leaves all other settings as they are. Without days the grace
/// stays as it is, and so it does when MFA is no longer required.
pub async fn set(
    core: &Core,
    actor: &Actor,
    enforce: bool,
    grace_days: Option<i64>,
    origin: &Origin,
) -> Result<(Outcome, Organization), Fault> {
    let mut tries = 0;
    loop {
        tries += 1;
        let before = current(core, actor).await?;
        let settings = Settings::of(&before, core.clock.now());
        let grace_days = grace_days.filter(|_| enforce).unwrap_or(settings.grace_days);
        let wanted = Settings { enforce, grace_days, ..settings };
        let outcome = security_settings::save(core, actor, wanted, Some(before.updated_at), origin).await?;
        if outcome != Outcome::ChangedMeanwhile || tries == TRIES {
            return Ok((outcome, current(core, actor).await?));
        }
    }
}

async fn current(core: &Core, actor: &Actor) -> Result<Organization, Fault> {
    let id = actor.organization_id().unwrap_or_default().to_owned();
    let found = core.db.read(move |conn| organizations::find(conn, &id).map_err(Fault::from)).await?;
    found.ok_or_else(|| Fault::Other("settings of no organization".into()))
}
