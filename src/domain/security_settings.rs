//! **Practice Security Settings**: what an organization demands of its people, and how long what they
//! open lasts. One flag demands MFA of everybody from their next request; nobody's row is touched. SPEC
//! section 6.

pub mod change;
pub mod exemptions;
pub mod notices;
pub mod preview;

use time::Duration;

use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::{Core, mfa};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::enrollment_counts::{Counting, Reach};
use crate::models::organizations::{self, Organization};
use crate::models::{AuditResult, FactorKind, RememberMe, factors};
use change::Refusal;

/// The settings as a form or a script gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub enforce: bool,
    /// Days of grace from now on; what was shown in the form counts as unchanged.
    pub grace_days: i64,
    pub org_level: bool,
    pub methods: Vec<FactorKind>,
    pub email_code_seconds: i64,
    pub idle_minutes: i64,
    pub absolute_hours: i64,
    pub remember_me: RememberMe,
}

/// The methods that can be allowed, in the order of the page.
pub const METHODS: [FactorKind; 4] =
    [FactorKind::Authenticator, FactorKind::Phone, FactorKind::Email, FactorKind::HardwareToken];

impl Settings {
    /// What is set now.
    pub fn of(organization: &Organization, now: Timestamp) -> Self {
        Self {
            enforce: organization.enforce_mfa,
            grace_days: grace_left(organization, now),
            org_level: organization.org_level_mfa,
            methods: organization.methods(),
            email_code_seconds: organization.email_code_seconds,
            idle_minutes: organization.idle_minutes,
            absolute_hours: organization.absolute_minutes / 60,
            remember_me: organization.remember_me,
        }
    }
}

/// Whole days of grace that are left, a begun one too.
pub fn grace_left(organization: &Organization, now: Timestamp) -> i64 {
    let left = organization.grace_until.map_or(Duration::ZERO, |until| until - now);
    let whole = left.whole_days();
    (whole + i64::from(left > Duration::days(whole))).max(0)
}

/// Whether MFA was demanded before: the grace is given once.
pub fn was_demanded(organization: &Organization) -> bool {
    mfa::demands_mfa(organization) || organization.grace_until.is_some()
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Saved,
    /// Everything was like that already.
    Unchanged,
    /// By field.
    Refused(Vec<Refusal>),
    /// Somebody else saved since the form was made.
    ChangedMeanwhile,
    /// Whoever demands MFA of everybody has a factor first. SPEC section 6, U5.
    NeedsFactor,
}

/// Saves the settings of the actor's organization. `seen` is when it was last changed as the form knew
/// it, and `None` for a script that knows no form.
pub async fn save(
    core: &Core,
    actor: &Actor,
    wanted: Settings,
    seen: Option<Timestamp>,
    origin: &Origin,
) -> Result<Outcome, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let outcome = core.db.write(move |conn| write(conn, &context, &actor, &wanted, seen, &origin)).await?;
    if outcome == Outcome::Saved {
        core.outbox.notify_one();
    }
    Ok(outcome)
}

fn write(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    wanted: &Settings,
    seen: Option<Timestamp>,
    origin: &Origin,
) -> Result<Outcome, Fault> {
    actor.hold(conn)?;
    let now = core.clock.now();
    let organization = match actor.organization_id() {
        Some(id) => organizations::lock(conn, id)?,
        None => None,
    };
    let Some(before) = organization else { return Err(Fault::Other("settings of no organization".into())) };
    if seen.is_some_and(|seen| seen != before.updated_at) {
        return Ok(Outcome::ChangedMeanwhile);
    }
    let after = match change::apply(&before, wanted, now) {
        Ok(after) => after,
        Err(refusals) => return Ok(Outcome::Refused(refusals)),
    };
    let changes = change::words(&before, &after, now);
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    if after.enforce_mfa && !before.enforce_mfa && !has_factor(conn, &actor.user.id)? {
        return Ok(Outcome::NeedsFactor);
    }
    organizations::update(conn, &Organization { updated_at: now, ..after.clone() })?;
    Entry::new("security_settings_changed", AuditResult::Success)
        .by(actor)
        .in_organization(Some(&before.id))
        .with("before", change::facts(&before))
        .with("after", change::facts(&after))
        .with("via", actor.via.as_str())
        .write(conn, origin, now)?;
    notices::tell_owners(conn, core, &after, actor, changes, origin, now)?;
    Ok(Outcome::Saved)
}

fn has_factor(conn: &mut DbConnection, user_id: &str) -> Result<bool, Fault> {
    Ok(factors::list(conn, user_id)?.iter().any(mfa::can_be_shown))
}

/// Which factors count for an organization, as its people are counted: `mfa::counts_for` in SQL.
pub fn counting(organization: &Organization, reach: &Reach) -> Counting {
    let methods = organization.methods();
    let own = methods.iter().copied().filter(|kind| *kind != FactorKind::Email).collect();
    let of_user = if organization.org_level_mfa { Vec::new() } else { methods };
    Counting { organization_id: organization.id.clone(), of_user, own, reach: reach.clone() }
}
