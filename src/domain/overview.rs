//! **Admin Overview** in figures: coverage, sign-ins, resets, and what wants attention. Every query has
//! a bound, so that the page costs the same on a bad day.

use time::Duration;

use super::Core;
use super::limits::{OVERVIEW_ACTS, OVERVIEW_ADMINS};
use super::mfa;
use super::times::Zone;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::organizations::Organization;
use crate::models::{Account, AuditResult, FactorKind, Role, factors, memberships, new_id, overview, users};

pub const DAYS: usize = 14;
pub const WEEKS: usize = 8;

/// One bar: what happened in a day or a week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// "Nov 8".
    pub label: String,
    /// "8".
    pub short: String,
    pub good: u32,
    pub bad: u32,
}

/// Everything the page shows.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub active: i64,
    pub added_this_week: i64,
    /// By the strongest factor that counts; nothing comes last.
    pub coverage: Vec<(Option<FactorKind>, i64)>,
    pub locked: i64,
    pub failed_in_a_day: i64,
    pub sign_ins: Vec<Bar>,
    pub resets: Vec<Bar>,
    /// There were more sign-ins than are counted: the oldest days are too low.
    pub cut: bool,
    pub attention: Attention,
}

/// What somebody should look at.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    /// Account holders who can act.
    pub owners: usize,
    /// Administrators of whom only e-mail counts.
    pub admins_by_email: Vec<String>,
    /// Administrators of whom nothing counts.
    pub admins_without: Vec<String>,
    pub failed_deliveries: i64,
    pub invited: i64,
}

/// The figures of one organization.
pub async fn of(core: &Core, organization: &Organization, zone: &Zone) -> Result<Overview, Fault> {
    let (organization, zone, now) = (organization.clone(), zone.clone(), core.clock.now());
    core.db.read(move |conn| look(conn, &organization, &zone, now)).await
}

fn look(conn: &mut DbConnection, o: &Organization, zone: &Zone, now: Timestamp) -> Result<Overview, Fault> {
    let allowed = mfa::that_count(&o.methods(), o.org_level_mfa);
    let coverage = overview::by_strongest(conn, &o.id, &allowed, o.org_level_mfa)?;
    let tried = ["sign_in", "password", "second_step"];
    let since = |days: i64| first_id(now - Duration::days(days));
    let acts = overview::list_acts(conn, &o.id, &tried, &since(14), OVERVIEW_ACTS)?;
    let resets = overview::list_resets(conn, &o.id, &since(56), OVERVIEW_ACTS)?;
    let failed = |(action, result, _): &&(String, AuditResult, Timestamp)| {
        action != "sign_in" && *result == AuditResult::Failure
    };
    let day = now - Duration::days(1);
    Ok(Overview {
        active: coverage.iter().map(|(_, many)| many).sum(),
        added_this_week: overview::count_added(conn, &o.id, now - Duration::days(7))?,
        locked: overview::count_locked(conn, &o.id, now)?,
        failed_in_a_day: count(acts.iter().filter(failed).filter(|(_, _, at)| *at > day).count()),
        sign_ins: days(&acts, zone, now),
        resets: weeks(&resets, zone, now),
        cut: count(acts.len()) >= OVERVIEW_ACTS,
        attention: attention(conn, o, now)?,
        coverage,
    })
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

/// Ids sort by time: the lowest that could be drawn then.
fn first_id(at: Timestamp) -> String {
    new_id(at).chars().take(13).collect()
}

/// The last two weeks, the oldest day first.
fn days(acts: &[(String, AuditResult, Timestamp)], zone: &Zone, now: Timestamp) -> Vec<Bar> {
    let mut bars: Vec<Bar> =
        zone.last_days(now, DAYS).into_iter().map(|(label, short)| Bar { label, short, ..Bar::default() }).collect();
    for (action, result, at) in acts {
        let label = zone.short_date(*at);
        let Some(bar) = bars.iter_mut().find(|bar| bar.label == label) else { continue };
        match (action.as_str(), result) {
            ("sign_in", AuditResult::Success) => bar.good += 1,
            ("sign_in", _) | (_, AuditResult::Success) => {}
            _ => bar.bad += 1,
        }
    }
    bars
}

/// The last eight times seven days, the oldest first, each named by its first day.
fn weeks(acts: &[(String, AuditResult, Timestamp)], zone: &Zone, now: Timestamp) -> Vec<Bar> {
    (1..=count(WEEKS))
        .rev()
        .map(|back| {
            let (from, to) = (now - Duration::days(7 * back), now - Duration::days(7 * (back - 1)));
            let inside = |(_, result, at): &&(String, AuditResult, Timestamp)| {
                *result == AuditResult::Success && *at > from && *at <= to
            };
            let good = u32::try_from(acts.iter().filter(inside).count()).unwrap_or(u32::MAX);
            let label = zone.short_date(from + Duration::days(1));
            Bar { short: label.clone(), label, good, bad: 0 }
        })
        .collect()
}

fn attention(conn: &mut DbConnection, o: &Organization, now: Timestamp) -> Result<Attention, Fault> {
    let (mut owners, mut admins_by_email, mut admins_without) = (0, Vec::new(), Vec::new());
    for id in memberships::admin_user_ids(conn, &o.id)?.into_iter().take(OVERVIEW_ADMINS) {
        let (user, membership) = (users::find(conn, &id)?, memberships::find(conn, &id, &o.id)?);
        let Some((user, membership)) = user.filter(|u| u.account == Account::Active).zip(membership) else { continue };
        owners += usize::from(membership.role == Role::Owner);
        let factors = factors::list(conn, &user.id)?;
        if !mfa::is_enrolled(o, &factors) {
            admins_without.push(user.full_name());
        } else if mfa::is_by_email_only(o, &factors) {
            admins_by_email.push(user.full_name());
        }
    }
    Ok(Attention {
        owners,
        admins_by_email,
        admins_without,
        failed_deliveries: overview::count_failed_deliveries(conn, &o.id, &first_id(now - Duration::days(7)))?,
        invited: overview::count_invited(conn, &o.id)?,
    })
}
