//! What operators do outside their own organizations does not stay unseen: the account holders of each organization
//! it concerns are told, as they are of an operator's resets. SPEC section 7.

use std::collections::BTreeSet;

use super::administration::{Actor, Via};
use super::audit::Origin;
use super::mfa_reset::actor_words;
use super::people::leave_message;
use super::{Core, notices};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::{Account, memberships, users};
use crate::outbox::line::Line;
use crate::outbox::messages::OperatorActed;

/// What was done, for those who hold the organizations.
pub struct Deed<'a> {
    /// A heading, such as "An account was disabled".
    pub what: &'a str,
    /// What follows from it, in a sentence.
    pub so: &'a str,
    /// Whom it is about, and who is told otherwise.
    pub subject: Option<&'a str>,
}

/// Tells every account holder of these organizations by mail and in the Message Center, once each; nobody where
/// the actor is no operator. The operator and whom it is about are left out.
pub fn tell_owners(
    conn: &mut DbConnection,
    core: &Core,
    (actor, organizations): (&Actor, BTreeSet<String>),
    deed: &Deed,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    if !actor.is_operator() || actor.via == Via::CommandLine {
        return Ok(());
    }
    let mut owners = BTreeSet::new();
    for id in organizations {
        owners.extend(memberships::owner_user_ids(conn, &id)?);
    }
    let by = actor_words(core, actor);
    let body = format!("{} Done by {by}.", deed.so);
    for id in owners.iter().filter(|id| **id != actor.user.id && Some(id.as_str()) != deed.subject) {
        let Some(owner) = users::find(conn, id)?.filter(|owner| owner.account == Account::Active) else { continue };
        leave_message(conn, id, (deed.what, &body), now)?;
        let message = |zone: &_| {
            Box::new(OperatorActed {
                what: Line::new(deed.what),
                so: Line::new(deed.so),
                by: Line::new(&by),
                asked: notices::asked(zone, origin, now),
            }) as _
        };
        notices::tell(conn, core, &owner, "operator_acted", message, now)?;
    }
    Ok(())
}
