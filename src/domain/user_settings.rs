//! **User Settings**: where each person of an organization stands with MFA, and the way to a reset.

use std::collections::HashMap;

use super::limits::LIST_PAGE;
use super::mfa::{self, MfaStatus};
use super::{Core, domain_account};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::domain_identities;
use crate::models::factors::{self, Factor};
use crate::models::memberships::{self, Membership};
use crate::models::organizations::Organization;
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::users::User;

/// One person of an organization.
pub struct Person {
    pub user: User,
    pub membership: Membership,
    pub status: MfaStatus,
}

/// A page of the list, and after whom the next one goes on.
pub struct People {
    pub rows: Vec<Person>,
    pub next: Option<String>,
}

/// The people of an organization, from the one after `after`; or whoever has this full and exact
/// username, case apart.
pub async fn list(
    core: &Core,
    organization: &Organization,
    username: Option<String>,
    after: Option<String>,
) -> Result<People, Fault> {
    let (organization, now) = (organization.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let mut found = match &username {
                Some(username) => memberships::find_person(conn, &organization.id, username)?.into_iter().collect(),
                None => {
                    let after = after.unwrap_or_default();
                    memberships::list_people(conn, &organization.id, &after, LIST_PAGE + 1)?
                }
            };
            let page = usize::try_from(LIST_PAGE).unwrap_or(usize::MAX);
            let more = found.len() > page;
            found.truncate(page);
            let next = found.last().filter(|_| more).map(|(m, _)| m.user_id.clone());
            Ok(People { rows: with_status(conn, &organization, found, now)?, next })
        })
        .await
}

/// Two queries for a whole page, not two per row.
fn with_status(
    conn: &mut DbConnection,
    organization: &Organization,
    found: Vec<(Membership, User)>,
    now: Timestamp,
) -> Result<Vec<Person>, Fault> {
    let ids: Vec<String> = found.iter().map(|(m, _)| m.user_id.clone()).collect();
    let mut enrolled: HashMap<String, Vec<Factor>> = HashMap::new();
    for factor in factors::list_of_users(conn, &ids)? {
        enrolled.entry(factor.user_id.clone()).or_default().push(factor);
    }
    let mut paused: HashMap<String, Vec<SecondStepPause>> = HashMap::new();
    for pause in second_step_pauses::list_of_users(conn, &ids)? {
        paused.entry(pause.user_id.clone()).or_default().push(pause);
    }
    let proven = domain_identities::second_factor_of(conn, &ids)?;
    let person = |(membership, user): (Membership, User)| {
        let factors = enrolled.remove(&user.id).unwrap_or_default();
        let pauses = paused.remove(&user.id).unwrap_or_default();
        let sso = domain_account::answers_for(organization, proven.contains(&user.id));
        let status = mfa::status(organization, &membership, &factors, &pauses, (sso, user.set_up_demanded), now);
        Person { user, membership, status }
    };
    Ok(found.into_iter().map(person).collect())
}
