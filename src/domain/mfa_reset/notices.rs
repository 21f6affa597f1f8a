//! Who is told about a reset: the person, at every address on record and in Message Center; the
//! administrators of other organizations; all of them where an operator stepped in, and the operators too
//! where it was the command line. ASVS 6.3.7, T1.

use std::collections::BTreeSet;

use super::{Act, Removal, Target};
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::notices::{asked, tell, tell_everywhere};
use crate::models::messages::{self, Message};
use crate::models::{Account, ResetScope, memberships, new_id, users};
use crate::outbox::line::Line;
use crate::outbox::messages::{MfaReset, MfaResetAdmin};

/// Who did it, as the person and others are told.
pub fn actor_words(core: &Core, actor: &Actor) -> String {
    match (&actor.organization, actor.via) {
        (_, Via::CommandLine) => format!("the operators of {}", core.settings.installation),
        (_, _) if actor.reach == Reach::Everywhere => {
            format!("{}, an operator of {}", actor.user.full_name(), core.settings.installation)
        }
        (Some(organization), _) => format!("{} of {}", actor.user.full_name(), organization.name),
        (None, _) => actor.user.full_name(),
    }
}

/// What went, as a list in words.
fn removed(removal: &Removal) -> String {
    let mut words = removal.deleted_words();
    words.extend(removal.deactivated_words().map(|tokens| format!("{tokens} (deactivated, still assigned)")));
    words.extend(removal.registration_words().into_iter().map(Into::into));
    match (words.is_empty(), removal.unlocked) {
        (false, _) => words.join(", "),
        (true, true) => "a pause after wrong codes".into(),
        // Somebody invited who has set nothing up: only the link is another one.
        (true, false) => "nothing, as nothing was set up yet".into(),
    }
}

pub fn tell_user(
    conn: &mut DbConnection,
    core: &Core,
    act: &Act,
    target: &Target,
    removal: &Removal,
) -> Result<(), Fault> {
    let (by, removed) = (actor_words(core, act.actor), removed(removal));
    let message = |zone: &_| {
        Box::new(MfaReset {
            by: Line::new(&by),
            removed: Line::new(&removed),
            setup_required: removal.setup_due,
            registration: removal.registration,
            reference: Line::new(&act.reference),
            asked: asked(zone, act.origin, act.now),
        }) as _
    };
    tell_everywhere(conn, core, &target.user, "mfa_reset", message, act.now)?;
    let next = if removal.registration {
        "You register again with the link we have mailed to you."
    } else if removal.setup_due {
        "You set up a factor again at your next sign-in."
    } else {
        "Nothing has to be set up at your next sign-in. Security is where you add a factor."
    };
    let what = if removal.registration { "Your registration was" } else { "Your factors were" };
    let body = format!(
        "{what} reset by {by}.\n\nRemoved: {removed}.\n\n{next}\n\nReference {}. If you did not ask for \
         this, call your administrator.",
        act.reference
    );
    let row = Message {
        id: new_id(act.now),
        user_id: target.user.id.clone(),
        subject: format!("{what} reset by {by}"),
        body,
        created_at: act.now,
        read_at: None,
    };
    Ok(messages::insert(conn, &row)?)
}

pub fn tell_admins(
    conn: &mut DbConnection,
    core: &Core,
    act: &Act,
    target: &Target,
    removal: &Removal,
) -> Result<(), Fault> {
    let mut admins = BTreeSet::new();
    for id in organizations_to_tell(act, target) {
        admins.extend(memberships::admin_user_ids(conn, &id)?);
    }
    if act.actor.via == Via::CommandLine {
        // Break-glass often opens for a sole owner: somebody else has to know.
        admins.extend(users::list_operators(conn)?.into_iter().map(|operator| operator.id));
    }
    admins.remove(&target.user.id);
    admins.remove(&act.actor.user.id);
    let (by, removed) = (actor_words(core, act.actor), removed(removal));
    for id in admins {
        let Some(admin) = users::find(conn, &id)?.filter(|a| a.account == Account::Active) else { continue };
        let message = |zone: &_| {
            Box::new(MfaResetAdmin {
                person: Line::new(&target.user.full_name()),
                username: Line::new(&target.user.username),
                user_id: target.user.id.parse().unwrap_or_default(),
                by: Line::new(&by),
                removed: Line::new(&removed),
                registration: removal.registration,
                reason: Line::sentence(&act.reason),
                reference: Line::new(&act.reference),
                asked: asked(zone, act.origin, act.now),
            }) as _
        };
        tell(conn, core, &admin, "mfa_reset_admin", message, act.now)?;
    }
    Ok(())
}

/// Those who did not act: every organization of the person where an operator did, the others where the
/// managing one did. A reset for one organization concerns nobody else.
fn organizations_to_tell(act: &Act, target: &Target) -> Vec<String> {
    let all = target.memberships.iter().map(|(_, o)| o.id.clone());
    if act.actor.via == Via::CommandLine || act.actor.reach == Reach::Everywhere {
        return all.collect();
    }
    if act.scope == ResetScope::Organization {
        return Vec::new();
    }
    let managing = target.managing().map(|o| o.id.clone());
    all.filter(|id| Some(id) != managing.as_ref()).collect()
}
