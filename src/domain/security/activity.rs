//! The activity of an account in words: every audit entry about somebody, as they would tell it.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::second_step::notices::words;
use crate::domain::{Core, devices};
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::{AuditResult, FactorKind};

const PER_PAGE: usize = 25;

/// One page, newest first.
pub struct Page {
    pub acts: Vec<Act>,
    /// The id behind which the next page begins.
    pub older_than: Option<String>,
}

/// Something that happened.
pub struct Act {
    pub sentence: String,
    pub at: Timestamp,
    /// "Chrome on Windows"; empty where no browser was at work.
    pub device: String,
    pub address: String,
    pub result: AuditResult,
}

/// What happened before `before` (an id), or lately.
pub async fn list(core: &Core, user_id: &str, before: Option<String>) -> Result<Page, Fault> {
    let user_id = user_id.to_owned();
    core.db
        .read(move |conn| {
            // One more than is shown tells whether there is another page.
            let limit = i64::try_from(PER_PAGE).unwrap_or(i64::MAX) + 1;
            let mut entries = audit_entries::list_about(conn, &user_id, before.as_deref(), limit)?;
            let more = entries.len() > PER_PAGE;
            entries.truncate(PER_PAGE);
            let older_than = entries.last().filter(|_| more).map(|entry| entry.id.clone());
            Ok(Page { acts: entries.into_iter().map(act).collect(), older_than })
        })
        .await
}

fn act(entry: AuditEntry) -> Act {
    let details: Value = serde_json::from_str(&entry.details).unwrap_or_default();
    let told = sentence(&entry.action, entry.result, &details);
    let someone_else = entry.actor_kind == "user" && entry.actor_id != entry.subject_user_id;
    Act {
        sentence: if someone_else { format!("{told} An administrator did this.") } else { told },
        at: entry.at,
        device: if entry.user_agent.is_empty() { String::new() } else { devices::describe(&entry.user_agent) },
        address: entry.address,
        result: entry.result,
    }
}

/// An entry as its subject would tell it. One that nobody has put into words is named as it is.
pub fn sentence(action: &str, result: AuditResult, details: &Value) -> String {
    let text = |key: &str| details[key].as_str().unwrap_or_default();
    let told = match (action, result) {
        ("sign_in", _) => return format!("You signed in{}.", shown(details)),
        ("password", AuditResult::Success) => "The password was right, as the first step of a sign-in.",
        ("password", AuditResult::Refused) => "The password was right, but the account was not ready to sign in.",
        ("password", AuditResult::Failure) => return many("Somebody entered a wrong password", details),
        ("domain_sign_in", AuditResult::Success) => "You came by your domain account.",
        ("domain_sign_in", _) => "A sign-in with your domain account was refused.",
        ("domain_linked", _) => "Your domain account was connected.",
        ("domain_newcomer", _) => "Your account was made when you came by your domain account.",
        ("domain_confirmed", _) => "You confirmed that it is you with your domain account.",
        ("domain_proof", AuditResult::Success) => "You showed that the account of your domain account is yours.",
        ("domain_proof", _) => "Somebody with a domain account did not show that this account is theirs.",
        ("password_confirmed", _) => "You confirmed your password.",
        ("step_up", _) => "You confirmed that it is you with a second step.",
        ("second_step", AuditResult::Failure) => {
            return many(&format!("A wrong code was entered{}", with(text("factor"))), details);
        }
        ("second_step", _) => return format!("A second step was shown{}.", with(text("factor"))),
        ("code_sent", _) => match text("channel") {
            "email" => "A code was sent to you by e-mail.",
            _ => "A code was sent to you by text message.",
        },
        ("call_placed", _) => "A call was placed to your phone.",
        ("code_send_refused", _) => "A code or call was asked for and not sent, because of a limit.",
        ("sign_out", _) => "You signed out.",
        ("sign_in_canceled", _) => "A sign-in was canceled.",
        ("session_ended", _) if details["others"].is_number() => "You ended all your other sessions.",
        ("session_ended", _) => "You ended one of your sessions.",
        ("organization_switched", _) => "You switched to another organization.",
        ("set_up_demanded", _) => "Your organization asked you to set up a second step.",
        ("access_denied", _) => "A page was asked for that your role does not open.",
        ("browser_forgotten", _) => "A browser was told to forget you.",
        ("remembered_browser_replayed", _) => {
            "An old copy of what a browser remembered came back, so that browser was forgotten."
        }
        ("factor_added", AuditResult::Success) => return named("was added", details),
        ("factor_added", _) => return format!("A wrong code was entered while adding{}.", a(text("factor"))),
        ("factor_removed", AuditResult::Refused) => "Your last second step was not removed, because it is required.",
        ("factor_removed", _) => return named("was removed", details),
        ("factor_renamed", _) => return renamed(details),
        ("mfa_reset", AuditResult::Success) => "Your factors were reset.",
        ("mfa_reset", _) => "A reset of your factors was asked for and not done.",
        ("recovery_codes_made", _) => "New recovery codes were made.",
        ("authenticator_switched_off" | "factor_switched_off", _) => {
            "An authenticator was switched off after too many wrong codes."
        }
        ("password_switched_off", _) => "Your password was switched off after too many wrong ones.",
        ("password_changed", _) => "You changed your password.",
        ("password_reset", _) => "A new password was chosen with “Forgot your password?”.",
        ("password_reset_asked", _) => "Somebody asked for a new password with “Forgot your password?”.",
        ("password_reset_code", AuditResult::Success) => "The code for a forgotten password was right.",
        ("password_reset_code", _) => "A wrong code for a forgotten password was entered.",
        ("password_reset_canceled", _) => "Choosing a new password was canceled.",
        ("password_reset_held_up", _) => "A new password could not be chosen: no second step could be shown.",
        ("email_changed", AuditResult::Success) => {
            return format!("Your e-mail address was changed from {} to {}.", text("from"), text("to"));
        }
        ("email_changed", _) => "A wrong code for a new e-mail address was entered.",
        ("email_change_asked", _) => "You asked to sign in with another e-mail address.",
        ("terms_accepted", _) => "You accepted the terms of use.",
        ("registered", _) => "Your account was created.",
        ("registration_finished", _) => "Your registration was finished.",
        ("registration_resumed", _) => "Your registration went on.",
        ("registration_method", _) => "You chose another way to sign in while registering.",
        ("registration_link_asked" | "registration_link_sent", _) => "A link to go on with your registration was sent.",
        ("registration_link_refused", _) => "A link for your registration was asked for too often and not sent.",
        ("registration_started" | "registration_reset", _) => "A registration was begun anew.",
        ("registration_code" | "registration_conflict", _) => "A step of your registration did not go through.",
        _ => return format!("Recorded as “{}”.", action.replace('_', " ")),
    };
    told.to_owned()
}

/// What somebody signed in with.
fn shown(details: &Value) -> String {
    let text = |key: &str| details[key].as_str().unwrap_or_default();
    match (text("factor"), text("channel"), text("factors")) {
        ("", _, "remembered browser") => " in a browser that remembers you".into(),
        ("domain", ..) => " with your domain account and its second step".into(),
        ("", _, "1 factor") if text("option") == "domain" => " with your domain account".into(),
        (factor, ..) if text("option") == "domain" => format!(" with your domain account and{}", a(factor)),
        ("phone", "call", _) => " with your password and a phone call".into(),
        ("phone", ..) => " with your password and a text message".into(),
        ("", _, "1 factor") => " with your password alone".into(),
        ("", ..) => String::new(),
        (factor, ..) => format!(" with your password and{}", a(factor)),
    }
}

fn with(factor: &str) -> String {
    match factor {
        "" => String::new(),
        factor => format!(" with{}", a(factor)),
    }
}

/// A kind of factor with its article, and the space before it.
fn a(factor: &str) -> String {
    match FactorKind::parse(factor) {
        Some(FactorKind::RecoveryCode) => " a recovery code".into(),
        Some(kind @ (FactorKind::Authenticator | FactorKind::Email)) => format!(" an {}", words(kind)),
        Some(kind) => format!(" a {}", words(kind)),
        None => " a second step".into(),
    }
}

fn named(what: &str, details: &Value) -> String {
    let kind = a(details["factor"].as_str().unwrap_or_default());
    let kind: String = kind.trim_start().chars().enumerate().flat_map(capital).collect();
    match details["name"].as_str().filter(|name| !name.is_empty()) {
        Some(name) => format!("{kind}, “{name}”, {what}."),
        None => format!("{kind} {what}."),
    }
}

fn capital((position, letter): (usize, char)) -> Vec<char> {
    if position == 0 { letter.to_uppercase().collect() } else { vec![letter] }
}

fn renamed(details: &Value) -> String {
    let text = |key: &str| details[key].as_str().unwrap_or_default();
    let kind = a(text("factor"));
    match text("before") {
        "" => format!("You named{kind} “{}”.", text("name")),
        before => format!("You renamed{kind} from “{before}” to “{}”.", text("name")),
    }
}

fn many(what: &str, details: &Value) -> String {
    match details["in_a_row"].as_i64() {
        Some(times) if times > 1 => format!("{what}, {times} in a row."),
        _ => format!("{what}."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn acts_are_told_in_sentences() {
        use AuditResult::{Failure, Success};
        for (action, result, details, told) in [
            ("sign_in", Success, json!({"factors": "1 factor"}), "You signed in with your password alone."),
            (
                "sign_in",
                Success,
                json!({"factor": "authenticator", "channel": "totp"}),
                "You signed in with your password and an authenticator app.",
            ),
            (
                "sign_in",
                Success,
                json!({"factors": "remembered browser"}),
                "You signed in in a browser that remembers you.",
            ),
            ("sign_in", Success, json!({}), "You signed in."),
            ("password", Failure, json!({"in_a_row": 3}), "Somebody entered a wrong password, 3 in a row."),
            ("second_step", Failure, json!({"factor": "phone"}), "A wrong code was entered with a phone."),
            ("factor_added", Success, json!({"factor": "phone", "name": ""}), "A phone was added."),
            (
                "factor_removed",
                Success,
                json!({"factor": "authenticator", "name": "Pixel"}),
                "An authenticator app, “Pixel”, was removed.",
            ),
            (
                "factor_added",
                Failure,
                json!({"factor": "email"}),
                "A wrong code was entered while adding an e-mail code.",
            ),
            (
                "factor_renamed",
                Success,
                json!({"factor": "phone", "name": "New", "before": "Old"}),
                "You renamed a phone from “Old” to “New”.",
            ),
            ("session_ended", Success, json!({"others": 2}), "You ended all your other sessions."),
            ("session_ended", Success, json!({"session": "x"}), "You ended one of your sessions."),
        ] {
            assert_eq!(sentence(action, result, &details), told);
        }
    }

    #[test]
    fn what_nobody_has_put_into_words_is_named() {
        let told = sentence("something_new", AuditResult::Success, &Value::Null);
        assert_eq!(told, "Recorded as “something new”.");
    }
}
