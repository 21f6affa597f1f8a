//! Who of a page of a list cannot be reset by whoever looks at it, and why: said in place of a button that would
//! only be refused. The reset itself judges again. SPEC section 7.

use std::collections::HashMap;

use super::{Judge, Refusal, Target};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::models::ResetScope;

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bar {
    Oneself,
    HigherRole,
    /// The organization that manages the account.
    ManagedBy(String),
}

/// By user id; nobody who can be reset. As many queries for fifty people as for one.
pub async fn bars(
    core: &Core,
    actor: &Actor,
    user_ids: Vec<String>,
    scope: ResetScope,
) -> Result<HashMap<String, Bar>, Fault> {
    let actor = actor.clone();
    core.db
        .read(move |conn| {
            let judge = Judge::of(conn, &actor)?;
            let found = Target::load_standing(conn, &user_ids)?;
            let bar = |target: &Target| match judge.bar(target, scope)? {
                Refusal::Oneself => Some(Bar::Oneself),
                Refusal::ManagedElsewhere => Some(Bar::ManagedBy(target.managing()?.name.clone())),
                Refusal::HigherRole | Refusal::LastOwner => Some(Bar::HigherRole),
            };
            Ok(found.into_iter().filter_map(|(id, target)| Some((id, bar(&target)?))).collect())
        })
        .await
}
