//! What a planned reset would do, as things stand now: counted per customer and per kind, with those who
//! would be left out and why. People are read in batches, so that ten thousand cost some hundred
//! queries and no more. Nothing is changed; the job judges everybody anew.

use std::collections::{BTreeMap, HashSet};

use super::own;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::limits::JOB_ITEMS;
use crate::domain::mfa_reset::{Judge, Refusal, Removal, Target, Verdict};
use crate::models::job_items::{self, JobItem};
use crate::models::jobs::Job;
use crate::models::{JobKind, JobState, ResetScope};

/// Names that are shown of each group.
const NAMED: usize = 10;

/// Why somebody would be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    Oneself,
    HigherRole,
    ManagedElsewhere,
    LastOwner,
    Nothing,
    /// Not the actor's to look after any more.
    Gone,
}

/// Some people, by their number and the first of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub many: usize,
    pub first: Vec<String>,
}

impl Group {
    fn add(&mut self, label: &str) {
        self.many += 1;
        if self.first.len() < NAMED {
            self.first.push(label.to_owned());
        }
    }
}

/// The preview of a plan.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Who would be reset.
    pub going: Group,
    /// How many of them, by the name of their customer.
    pub customers: BTreeMap<String, usize>,
    /// All that goes.
    pub removal: Removal,
    /// How many must set up again, by what the actor's organizations demand.
    pub set_up: usize,
    pub skipped: BTreeMap<Why, Group>,
}

/// One of the actor's own plans, with what it would do; nothing of it once it has begun.
pub async fn preview(core: &Core, actor: &Actor, id: &str) -> Result<Option<(Job, Option<Preview>)>, Fault> {
    let (actor, id, now) = (actor.clone(), id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(job) = own(conn, &actor, &id)?.filter(|job| job.kind == JobKind::Reset) else {
                return Ok(None);
            };
            if job.state != JobState::Planned {
                return Ok(Some((job, None)));
            }
            let all = i64::try_from(JOB_ITEMS).unwrap_or(i64::MAX);
            let items = job_items::list(conn, &id, None, 0, all)?;
            let preview = look(conn, &actor, &items, now)?;
            Ok::<_, Fault>(Some((job, Some(preview))))
        })
        .await
}

fn look(conn: &mut DbConnection, actor: &Actor, items: &[JobItem], now: Timestamp) -> Result<Preview, Fault> {
    let judge = Judge::of(conn, actor)?;
    let ids: Vec<String> = items.iter().filter_map(|item| item.subject_id.clone()).collect();
    let targets = Target::load_many(conn, &ids)?;
    let (mut preview, mut seen) = (Preview::default(), HashSet::new());
    for item in items {
        let target = item.subject_id.as_ref().and_then(|id| targets.get(id));
        if !item.subject_id.as_ref().is_none_or(|id| seen.insert(id)) {
            continue;
        }
        let why = match (judge.verdict(conn, target, ResetScope::All, now)?, target) {
            (Verdict::Go(removal), Some(target)) if !removal.is_empty() => {
                preview.going.add(&item.label);
                let customer = judge.organizations(target).into_iter().next().unwrap_or_default();
                *preview.customers.entry(customer).or_default() += 1;
                preview.set_up += usize::from(removal.setup_required);
                preview.removal.add(&removal);
                continue;
            }
            (Verdict::Go(_), _) => Why::Nothing,
            (Verdict::Refused(why), _) => of(why),
            (Verdict::Unknown, _) => Why::Gone,
        };
        preview.skipped.entry(why).or_default().add(&item.label);
    }
    Ok(preview)
}

fn of(why: Refusal) -> Why {
    match why {
        Refusal::Oneself => Why::Oneself,
        Refusal::HigherRole => Why::HigherRole,
        Refusal::ManagedElsewhere => Why::ManagedElsewhere,
        Refusal::LastOwner => Why::LastOwner,
    }
}
