//! A change of the settings: what it may be, what it makes of the organization, and in words.

use serde_json::{Value, json};
use time::Duration;

use super::{Settings, grace_left, was_demanded};
use crate::clock::Timestamp;
use crate::domain::limits::*;
use crate::domain::mfa;
use crate::domain::second_step::notices::words as method_words;
use crate::domain::times::Zone;
use crate::models::organizations::Organization;
use crate::models::{FactorKind, RememberMe};

/// Why a setting is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The grace is given once; it ends, or ended, then.
    GraceLonger {
        until: Timestamp,
    },
    /// The same where no grace was ever given.
    GraceGone,
    Grace,
    NoMethod,
    /// Phones alone: an authenticator app has to be offered beside them (NIST SP 800-63B-4 section 3.1.3.3).
    PhoneAlone,
    /// None of the methods can be an organization's own.
    NoOwnMethod,
    EmailCode,
    Idle,
    Absolute,
}

/// The organization as it would be. Nothing is kept here.
pub fn apply(before: &Organization, wanted: &Settings, now: Timestamp) -> Result<Organization, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let within = |value: i64, range: (i64, i64)| (range.0..=range.1).contains(&value);
    let mut demand = |fits: bool, refusal: Refusal| {
        if !fits {
            refusals.push(refusal);
        }
    };
    let has = |kind: FactorKind| wanted.methods.contains(&kind);
    demand(within(wanted.grace_days, (0, GRACE_DAYS_MAX)), Refusal::Grace);
    demand(!wanted.methods.is_empty(), Refusal::NoMethod);
    demand(!has(FactorKind::Phone) || has(FactorKind::Authenticator), Refusal::PhoneAlone);
    let own = [FactorKind::Authenticator, FactorKind::Phone, FactorKind::HardwareToken];
    demand(!wanted.org_level || wanted.methods.is_empty() || own.into_iter().any(has), Refusal::NoOwnMethod);
    demand(within(wanted.email_code_seconds, EMAIL_CODE_RANGE.into()), Refusal::EmailCode);
    demand(within(wanted.idle_minutes, IDLE_MINUTES_RANGE.into()), Refusal::Idle);
    demand(within(wanted.absolute_hours, ABSOLUTE_HOURS_RANGE.into()), Refusal::Absolute);
    let mut after = before.clone();
    after.enforce_mfa = wanted.enforce;
    after.org_level_mfa = wanted.org_level;
    match grace(before, &after, wanted.grace_days, now) {
        Ok(until) => after.grace_until = until,
        Err(refusal) => demand(false, refusal),
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let methods: Vec<&str> = super::METHODS.iter().filter(|kind| has(**kind)).map(|kind| kind.as_str()).collect();
    after.allowed_methods = methods.join(",");
    after.email_code_seconds = wanted.email_code_seconds;
    after.idle_minutes = wanted.idle_minutes;
    if wanted.absolute_hours != before.absolute_minutes / 60 {
        after.absolute_minutes = wanted.absolute_hours * 60;
    }
    after.remember_me = wanted.remember_me;
    if wanted.remember_me == RememberMe::Off && before.remember_me != RememberMe::Off {
        after.remembered_since = Some(now);
    }
    Ok(after)
}

/// The end of the grace: written at the first switch-on, moved nearer later and never away. Somebody who
/// types the days that are left changes nothing.
fn grace(before: &Organization, after: &Organization, days: i64, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    if !was_demanded(before) {
        let until = now + Duration::days(days.clamp(0, GRACE_DAYS_MAX));
        return Ok(mfa::demands_mfa(after).then_some(until));
    }
    let left = grace_left(before, now);
    match before.grace_until {
        _ if days > left => Err(before.grace_until.map_or(Refusal::GraceGone, |until| Refusal::GraceLonger { until })),
        // It was demanded without a grace: there is none later either.
        None => Ok(Some(now)),
        Some(until) if days == left => Ok(Some(until)),
        Some(until) => Ok(Some(until.min(now + Duration::days(days)))),
    }
}

/// What is different, in words: for the preview and for the mail to the owners.
pub fn words(before: &Organization, after: &Organization, now: Timestamp) -> Vec<String> {
    let mut changes = Vec::new();
    let mut compare = |what: &str, from: String, to: String| {
        if from != to {
            changes.push(format!("{what}: {from} → {to}"));
        }
    };
    let on = |value: bool| if value { "on" } else { "off" }.to_owned();
    let zone = Zone::named(&after.time_zone);
    compare("Enforce MFA for ALL users", on(before.enforce_mfa), on(after.enforce_mfa));
    let grace =
        |until: Option<Timestamp>| until.map_or("none".into(), |at| format!("until {}", zone.date_and_time(at)));
    if before.grace_until.is_some() || after.grace_until.is_some_and(|until| now < until) {
        compare("Grace", grace(before.grace_until), grace(after.grace_until));
    }
    compare("Organization-level MFA", on(before.org_level_mfa), on(after.org_level_mfa));
    compare("Allowed methods", listed(&before.methods()), listed(&after.methods()));
    let seconds = |o: &Organization| format!("{} seconds", o.email_code_seconds);
    compare("Life of e-mail codes", seconds(before), seconds(after));
    let minutes = |o: &Organization| format!("{} minutes", o.idle_minutes);
    compare("Session without use", minutes(before), minutes(after));
    let hours = |o: &Organization| format!("{} hours", o.absolute_minutes / 60);
    compare("Session in all", hours(before), hours(after));
    compare("Remember Me", remembered(before).into(), remembered(after).into());
    changes
}

fn remembered(organization: &Organization) -> &'static str {
    match organization.remember_me {
        RememberMe::CredentialsAndMfa => "credentials and MFA",
        RememberMe::Off => "off",
    }
}

/// "authenticator app, phone and e-mail code".
pub fn listed(methods: &[FactorKind]) -> String {
    let words: Vec<&str> = methods.iter().map(|kind| method_words(*kind)).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "none".to_owned(),
    }
}

/// The settings for the audit log.
pub fn facts(organization: &Organization) -> Value {
    json!({
        "enforce_mfa": organization.enforce_mfa,
        "grace_until": organization.grace_until.map(|until| format!("{}Z", until.assume_utc().date())),
        "org_level_mfa": organization.org_level_mfa,
        "allowed_methods": organization.methods(),
        "email_code_seconds": organization.email_code_seconds,
        "idle_minutes": organization.idle_minutes,
        "absolute_minutes": organization.absolute_minutes,
        "remember_me": organization.remember_me,
    })
}
