//! Names and profile of somebody, changed by an administrator of the managing organization.

use super::{By, Refusal, Target, entry, find, leave_message, may_edit, tell_other_admins};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::registration::details::{Details, Problems};
use crate::models::profiles::{self, Profile};
use crate::models::{email_changes, users};

/// What the page shows of somebody.
pub struct Editable {
    pub target: Target,
    pub profile: Profile,
    /// An address that was proposed and not confirmed yet.
    pub proposed: Option<String>,
    /// Why the account cannot be edited here, if so.
    pub refused: Option<Refusal>,
}

/// Somebody with all that can be edited; `None` for whom the actor does not administer.
pub async fn load(core: &Core, actor: &Actor, id: &str) -> Result<Option<Editable>, Fault> {
    let (actor, id, now) = (actor.clone(), id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(target) = find(conn, &actor, &id)? else { return Ok(None) };
            let profile = profiles::find(conn, &id)?.unwrap_or_default();
            let proposed = email_changes::find_of_user(conn, &id, now)?.map(|change| change.email);
            let refused = may_edit(conn, &actor, &target)?.err();
            Ok::<_, Fault>(Some(Editable { target, profile, proposed, refused }))
        })
        .await
}

/// What came of it.
pub enum Edited {
    Done,
    Problems(Problems),
    Refused(Refusal),
}

/// Writes names and profile; what else stands in `typed` is not looked at.
pub async fn edit(core: &Core, actor: &Actor, id: &str, typed: &Details, origin: &Origin) -> Result<Edited, Fault> {
    let typed = typed.trimmed();
    let problems = problems(&typed);
    if !problems.is_empty() {
        return Ok(Edited::Problems(problems));
    }
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let Some(target) = find(conn, &actor, &id)? else { return Ok(Edited::Refused(Refusal::NotFound)) };
            if let Err(refusal) = may_edit(conn, &actor, &target)? {
                return Ok(Edited::Refused(refusal));
            }
            let profile = Profile { user_id: id.clone(), ..super::invite::profile(&id, &typed) };
            let changed = changed(&target, &profiles::find(conn, &id)?.unwrap_or_default(), &profile, &typed);
            if changed.is_empty() {
                return Ok(Edited::Done);
            }
            users::rename(conn, &id, &typed.first_name, &typed.last_name, now)?;
            profiles::save(conn, &profile)?;
            let managing = target.managing().map(|o| o.id.clone());
            entry("profile_edited", By::Admin(&actor), &id, managing.as_deref())
                .with("fields", changed.join(", "))
                .write(conn, &origin, now)?;
            let by = actor.user.full_name();
            if actor.user.id != id {
                let body = format!("{by} changed {} of your account.", changed.join(", "));
                leave_message(conn, &id, ("Your profile was changed", &body), now)?;
            }
            let body = format!("{by} changed {} of {}.", changed.join(", "), target.user.full_name());
            tell_other_admins(conn, &target, managing.as_deref(), ("A profile was changed", &body), now)?;
            Ok::<_, Fault>(Edited::Done)
        })
        .await
}

/// The problems of the fields that are edited here.
fn problems(typed: &Details) -> Problems {
    let asked = ["first_name", "last_name", "address_1", "address_2", "city", "state", "zip_code", "phone", "fax"];
    typed
        .problems(false)
        .into_iter()
        .filter(|(field, _)| asked.contains(field))
        .map(|(field, text)| (field, text.replace("Enter your ", "Enter the ")))
        .collect()
}

/// What differs, in words.
fn changed(target: &Target, old: &Profile, new: &Profile, typed: &Details) -> Vec<&'static str> {
    let address = |p: &Profile| [&p.address_1, &p.address_2, &p.city, &p.state, &p.zip_code].map(String::clone);
    let differs = [
        ("the first name", target.user.first_name != typed.first_name),
        ("the last name", target.user.last_name != typed.last_name),
        ("the postal address", address(old) != address(new)),
        ("the phone number", old.phone != new.phone),
        ("the fax number", old.fax != new.fax),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect()
}
