//! Who a change would affect now: counted by the database over its indexes, with the names of the first few.
//! A large organization is counted in part, so that the page comes as fast as for a small one.

use super::change::{self, Refusal};
use super::{Settings, counting};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::limits::COUNTED_PEOPLE;
use crate::domain::{Core, mfa};
use crate::models::enrollment_counts as counts;
use crate::models::organizations::{self, Organization};
use crate::models::{FactorKind, RememberMe, factors};

/// How many people are named.
const NAMED: i64 = 5;

/// What a change does.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// In words, one line each.
    pub changes: Vec<String>,
    /// Everybody who may sign in, among those who were counted.
    pub people: i64,
    /// Everybody was counted; else the first `COUNTED_PEOPLE` members.
    pub whole: bool,
    /// Whether MFA is demanded after the change.
    pub demands: bool,
    /// Those who would have to set something up, while it is demanded.
    pub without: i64,
    /// Those of them who have neither a phone nor e-mail codes.
    pub bare: i64,
    /// The first of them.
    pub names: Vec<String>,
    /// Until when they may wait.
    pub grace_until: Option<Timestamp>,
    /// Whoever looks is among them.
    pub you: bool,
    /// Those who rely on a method alone that would not be allowed any more.
    pub losing: i64,
    /// MFA is demanded now and would not be.
    pub relaxes: bool,
    pub forgets_browsers: bool,
    pub new_sessions_only: bool,
}

/// The organization and what it is about to become.
pub struct Looked {
    pub organization: Organization,
    pub preview: Result<Preview, Vec<Refusal>>,
}

/// Works out a change without making it. `None` when the actor acts in no organization.
pub async fn look(core: &Core, actor: &Actor, wanted: Settings) -> Result<Option<Looked>, Fault> {
    let (actor, now) = (actor.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let organization = match actor.organization_id() {
                Some(id) => organizations::find(conn, id)?,
                None => None,
            };
            let Some(before) = organization else { return Ok(None) };
            let preview = match change::apply(&before, &wanted, now) {
                Ok(after) => Ok(compare(conn, &before, &after, &actor, now)?),
                Err(refusals) => Err(refusals),
            };
            Ok(Some(Looked { organization: before, preview }))
        })
        .await
}

fn compare(
    conn: &mut DbConnection,
    before: &Organization,
    after: &Organization,
    actor: &Actor,
    now: Timestamp,
) -> Result<Preview, Fault> {
    let demands = mfa::demands_mfa(after);
    let reach = counts::reach(conn, &before.id, COUNTED_PEOPLE)?;
    let (then, at_present) = (counting(after, &reach), counting(before, &reach));
    let lost =
        before.methods().iter().any(|kind| !after.allows(*kind)) || (after.org_level_mfa && !before.org_level_mfa);
    let member = actor.role.is_some();
    let mut preview = Preview {
        changes: change::words(before, after, now),
        people: counts::people(conn, &then)?,
        whole: reach.whole,
        demands,
        grace_until: after.grace_until.filter(|until| demands && now < *until),
        relaxes: mfa::demands_mfa(before) && !demands,
        forgets_browsers: after.remember_me == RememberMe::Off && before.remember_me != RememberMe::Off,
        new_sessions_only: after.idle_minutes != before.idle_minutes
            || after.absolute_minutes != before.absolute_minutes,
        ..Preview::default()
    };
    if demands {
        preview.without = counts::without(conn, &then, now)?;
        preview.bare = counts::without_phone_or_email(conn, &then, now)?;
        preview.names = counts::first_without(conn, &then, now, NAMED)?;
        preview.you = member && !mfa::is_enrolled(after, &factors::list(conn, &actor.user.id)?);
    }
    if lost {
        preview.losing = counts::losing(conn, &at_present, &then)?;
    }
    Ok(preview)
}

/// How the people of an organization stand now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub people: i64,
    /// Everybody was counted; else the first `COUNTED_PEOPLE` members.
    pub whole: bool,
    /// Who have nothing that counts there, and are not exempt.
    pub without: i64,
    /// Who rely on e-mail codes alone.
    pub email_alone: i64,
}

pub async fn figures(core: &Core, organization: &Organization) -> Result<Figures, Fault> {
    let (organization, now) = (organization.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let reach = counts::reach(conn, &organization.id, COUNTED_PEOPLE)?;
            let with = counting(&organization, &reach);
            let mut other = with.clone();
            other.of_user.retain(|kind| *kind != FactorKind::Email);
            Ok(Figures {
                people: counts::people(conn, &with)?,
                whole: reach.whole,
                without: counts::without(conn, &with, now)?,
                email_alone: counts::losing(conn, &with, &other)?,
            })
        })
        .await
}
