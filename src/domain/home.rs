//! What **Home** shows: how the account stands, what is new, who signed in, where to go.

use std::collections::HashMap;

use serde_json::Value;

use super::access::{Access, Due, Present};
use super::devices::Browser;
use super::mfa::{self, MfaStatus};
use super::{Core, devices, domain_account};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::factors::{self, Factor};
use crate::models::memberships::Membership;
use crate::models::organizations::{self, Application, Organization};
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorKind, FactorState, Stage, messages, recovery_codes, second_step_pauses};

const SIGN_INS: i64 = 5;

pub struct Home {
    pub status: MfaStatus,
    /// Factors that count in the current organization.
    pub factors: usize,
    /// Others, which are asked at sign-in and which the current organization does not accept.
    pub factors_elsewhere: usize,
    /// Unused recovery codes, for those who have an authenticator and were given codes.
    pub recovery_codes: Option<i64>,
    pub new_messages: i64,
    /// Newest first.
    pub sign_ins: Vec<PastSignIn>,
    pub applications: Vec<Application>,
}

/// A sign-in, or a try that failed.
pub struct PastSignIn {
    /// "Chrome on Windows".
    pub device: String,
    pub handheld: bool,
    /// "Text message code", "Wrong password, 3 in a row".
    pub shown: String,
    pub address: String,
    pub at: Timestamp,
    pub succeeded: bool,
    pub this_device: bool,
}

/// What a session would be shown, where it is let in: read with the session itself.
pub fn ahead(conn: &mut DbConnection, present: &Present, now: Timestamp) -> Result<Option<Home>, Fault> {
    let session = &present.session;
    match present.access.as_deref() {
        Some(access) if session.stage == Stage::SignedIn && access.due == Due::Nothing => {
            look_up(conn, session, access.current(session), now).map(Some)
        }
        _ => Ok(None),
    }
}

/// The same in a read of its own.
pub async fn gather(core: &Core, session: &Session, access: &Access) -> Result<Home, Fault> {
    let (session, current, now) = (session.clone(), access.current(session).cloned(), core.clock.now());
    core.db.read(move |conn| look_up(conn, &session, current.as_ref(), now)).await
}

/// All of it for a session, in its current organization if it has one.
fn look_up(
    conn: &mut DbConnection,
    session: &Session,
    current: Option<&(Membership, Organization)>,
    now: Timestamp,
) -> Result<Home, Fault> {
    let user_id = session.user_id.as_str();
    let factors = factors::list(conn, user_id)?;
    let pauses = second_step_pauses::list(conn, user_id)?;
    let status = match current {
        Some((membership, organization)) => {
            // Set-up that is demanded comes before Home.
            let sso = domain_account::proves_here(conn, user_id, organization)?;
            mfa::status(organization, membership, &factors, &pauses, (sso, false), now)
        }
        None => mfa::status_alone(&factors, &pauses, now),
    };
    let counts = |f: &&Factor| current.is_none_or(|(_, o)| mfa::counts_for(o, f));
    let (here, elsewhere): (Vec<_>, Vec<_>) = factors.iter().filter(|f| mfa::can_be_shown(f)).partition(counts);
    let sign_ins = audit_entries::list_sign_ins(conn, user_id, SIGN_INS)?;
    let mut browsers = HashMap::new();
    Ok(Home {
        status,
        factors: here.len(),
        factors_elsewhere: elsewhere.len(),
        recovery_codes: recovery_codes_left(conn, user_id, &factors)?,
        new_messages: messages::count_unread(conn, user_id)?,
        sign_ins: sign_ins.into_iter().map(|entry| past(entry, session, &mut browsers)).collect(),
        applications: match current {
            Some((_, organization)) => organizations::applications(conn, &organization.id)?,
            None => Vec::new(),
        },
    })
}

fn recovery_codes_left(conn: &mut DbConnection, user_id: &str, factors: &[Factor]) -> Result<Option<i64>, Fault> {
    let has_app = factors.iter().any(|f| f.kind == FactorKind::Authenticator && f.state == FactorState::Active);
    if !has_app || recovery_codes::count(conn, user_id)? == 0 {
        return Ok(None);
    }
    Ok(Some(recovery_codes::count_unused(conn, user_id)?))
}

fn past(entry: AuditEntry, session: &Session, browsers: &mut HashMap<String, Browser>) -> PastSignIn {
    // Most people sign in with one browser.
    let browser = browsers.entry(entry.user_agent.clone()).or_insert_with(|| devices::read(&entry.user_agent));
    // The entry names the half-made session that this one followed, so the browser is compared too.
    let this_device = entry.session_id.as_ref() == Some(&session.id)
        || (entry.address == session.address && entry.user_agent == session.user_agent);
    PastSignIn {
        device: browser.words.clone(),
        handheld: browser.handheld,
        shown: shown(&entry.action, entry.result, &entry.details),
        address: entry.address,
        at: entry.at,
        succeeded: entry.result == AuditResult::Success,
        this_device,
    }
}

/// What was shown, in words, from the details of an audit entry.
fn shown(action: &str, result: AuditResult, details: &str) -> String {
    let details: Value = serde_json::from_str(details).unwrap_or_default();
    let word = |key: &str| details[key].as_str().unwrap_or_default();
    if result != AuditResult::Success {
        let what = if action == "password" { "Wrong password" } else { "Wrong code" };
        return match details["in_a_row"].as_i64() {
            Some(many) if many > 1 => format!("{what}, {many} in a row"),
            _ => what.to_owned(),
        };
    }
    match (word("factor"), word("channel"), word("factors")) {
        ("phone", "call", _) => "Phone call",
        ("phone", ..) => "Text message code",
        ("email", ..) => "E-mail code",
        ("authenticator", ..) => "Authenticator",
        ("hardware_token", ..) => "Hardware token",
        ("recovery_code", ..) => "Recovery code",
        ("domain", ..) => "Domain account",
        (_, _, "remembered browser") => "Remembered browser",
        _ if word("option") == "domain" => "Domain account only",
        _ => "Password only",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_told_in_words() {
        for (details, words) in [
            (r#"{"factor":"phone","channel":"sms"}"#, "Text message code"),
            (r#"{"factor":"phone","channel":"call"}"#, "Phone call"),
            (r#"{"factor":"email","channel":"email"}"#, "E-mail code"),
            (r#"{"factor":"authenticator","channel":"totp"}"#, "Authenticator"),
            (r#"{"factor":"hardware_token","channel":"totp"}"#, "Hardware token"),
            (r#"{"factor":"recovery_code","channel":"recovery_code"}"#, "Recovery code"),
            (r#"{"factors":"remembered browser"}"#, "Remembered browser"),
            (r#"{"factors":"1 factor"}"#, "Password only"),
            ("{}", "Password only"),
            ("nonsense", "Password only"),
        ] {
            assert_eq!(shown("sign_in", AuditResult::Success, details), words, "{details}");
        }
    }

    #[test]
    fn a_failure_says_how_many_there_were() {
        let failed = |action, details| shown(action, AuditResult::Failure, details);
        assert_eq!(failed("password", r#"{"in_a_row":1}"#), "Wrong password");
        assert_eq!(failed("password", r#"{"in_a_row":4}"#), "Wrong password, 4 in a row");
        assert_eq!(failed("second_step", r#"{"factor":"email","in_a_row":3}"#), "Wrong code, 3 in a row");
    }
}
