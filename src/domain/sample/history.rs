//! What happened before the first start: sign-ins and notices, so that Home and the audit log have
//! something to show.

use time::Duration;

use super::organizations::HARBOR;
use super::people::{Enrolled, PEOPLE, PersonSpec};
use super::{SampleData, spec_of};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::messages::{self, Message};
use crate::models::{Account, AuditResult, FactorKind, Role, new_id, users};

const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const DAYS_AGO: [i64; 3] = [12, 5, 1];

/// Past sign-ins of those who can sign in, and their first notice.
pub fn of_person(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &PersonSpec,
    index: usize,
    now: Timestamp,
) -> Result<(), Fault> {
    if spec.account != Account::Active {
        return Ok(());
    }
    let user_id = &data.person(spec.username)?.user_id;
    let usable: Vec<Enrolled> = spec.enrolled.iter().copied().filter(|e| *e != Enrolled::Codes).collect();
    for (turn, days) in DAYS_AGO.into_iter().enumerate() {
        // Everybody at another minute.
        let at = now - Duration::days(days) - Duration::minutes(7 * i64::try_from(index).unwrap_or(0));
        let shown = if usable.is_empty() { None } else { usable.get(turn % usable.len()).copied() };
        let entry = AuditEntry {
            subject_user_id: Some(user_id.clone()),
            organization_id: Some(data.organization(spec.home)?.id.clone()),
            address: format!("192.0.2.{}", 20 + index),
            details: details(shown),
            ..entry("sign_in", user_id, at)
        };
        audit_entries::insert(conn, &entry)?;
        users::signed_in(conn, user_id, at)?;
    }
    let home = spec_of(spec.home)?.name;
    let body = format!(
        "Your account at {home} is ready. Under Security you can look after the ways you prove that it is you, \
         and see where you are signed in."
    );
    notice(conn, user_id, &format!("Welcome to {home}"), &body, now - Duration::days(20), false)
}

/// Notices that go with what has happened to somebody.
pub fn notices(conn: &mut DbConnection, data: &SampleData, now: Timestamp) -> Result<(), Fault> {
    let locked = data.person("locked")?.user_id.clone();
    let at = now - Duration::hours(2);
    let switched_off = AuditEntry {
        actor_kind: "system".into(),
        actor_id: None,
        subject_user_id: Some(locked.clone()),
        organization_id: Some(data.organization(HARBOR)?.id.clone()),
        details: r#"{"factor":"authenticator","failed_in_row":100}"#.into(),
        ..entry("authenticator_switched_off", &locked, at)
    };
    audit_entries::insert(conn, &switched_off)?;
    let subject = "Your authenticator was switched off";
    let body = "It got 100 wrong codes in a row. If that was not you, change your password. An administrator can \
                reset your factors, or you can do it yourself with a photo ID.";
    notice(conn, &locked, subject, body, at, false)?;
    for spec in PEOPLE.iter().filter(|spec| spec.home == HARBOR && spec.role > Role::Member) {
        let user_id = &data.person(spec.username)?.user_id;
        let body = "The authenticator of Priya Raman got 100 wrong codes in a row and was switched off. \
                    A reset lets her set up a new one.";
        notice(conn, user_id, "The authenticator of Priya Raman was switched off", body, at, false)?;
    }
    let reset = &data.person("tbrooks")?.user_id;
    let body = "Kendra Hollis removed the ways you proved that it is you. You set up new ones at your next sign-in.";
    notice(conn, reset, "Your factors were reset by Kendra Hollis", body, now - Duration::hours(20), false)?;
    let told = &data.person("all.factors")?.user_id;
    let body = "Eight recovery codes were made for your account. Keep them where only you can find them.";
    notice(conn, told, "Recovery codes were made", body, now - Duration::days(19), true)
}

fn notice(
    conn: &mut DbConnection,
    user_id: &str,
    subject: &str,
    body: &str,
    at: Timestamp,
    read: bool,
) -> Result<(), Fault> {
    let row = Message {
        id: new_id(at),
        user_id: user_id.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        created_at: at,
        read_at: read.then(|| at + Duration::hours(3)),
    };
    Ok(messages::insert(conn, &row)?)
}

fn entry(action: &str, actor_id: &str, at: Timestamp) -> AuditEntry {
    AuditEntry {
        id: new_id(at),
        at,
        actor_kind: "user".into(),
        actor_id: Some(actor_id.to_owned()),
        action: action.into(),
        result: AuditResult::Success,
        subject_user_id: None,
        organization_id: None,
        address: "192.0.2.10".into(),
        user_agent: BROWSER.into(),
        request_id: new_id(at),
        session_id: None,
        details: "{}".into(),
        seal: None,
    }
}

/// What was shown at a sign-in; nothing where nothing was there to show.
fn details(shown: Option<Enrolled>) -> String {
    let Some(shown) = shown else {
        return "{}".into();
    };
    let channel = match shown.kind() {
        FactorKind::Phone => Some("sms"),
        FactorKind::Email => Some("email"),
        _ => None,
    };
    match channel {
        Some(channel) => serde_json::json!({ "factor": shown.kind(), "channel": channel }),
        None => serde_json::json!({ "factor": shown.kind() }),
    }
    .to_string()
}
