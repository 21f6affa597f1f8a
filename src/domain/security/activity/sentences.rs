//! Every action of the audit log as its subject would tell it. `audit_words` has the list of actions; a test
//! holds each of them to a sentence.

use serde_json::Value;

use crate::domain::audit_words::found_nothing;
use crate::domain::second_step::notices::words;
use crate::models::{AuditResult, FactorKind};

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
        ("domain_unlinked", AuditResult::Refused) => "Your domain account was not removed, because it signs you in.",
        ("domain_unlinked", _) => "Your domain account was removed.",
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
        ("database_restored", _) => "The database was put back from a copy.",
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
        ("break_glass", _) => "Your factors were reset on the command line of this installation.",
        ("mfa_reset", AuditResult::Success) if found_nothing(action, details) => {
            "Your factors were to be reset. There was nothing to reset, and nothing changed."
        }
        ("mfa_reset", AuditResult::Success) => "Your factors were reset.",
        ("mfa_reset", _) => "A reset of your factors was asked for and not done.",
        ("recovery_codes_made", _) => "New recovery codes were made.",
        ("authenticator_switched_off" | "factor_switched_off", _) => {
            "An authenticator was switched off after too many wrong codes."
        }
        ("password_switched_off", _) => "Your password was switched off after too many wrong ones.",
        ("password_changed", _) => "You changed your password.",
        ("time_zone_changed", _) => "You chose another time zone.",
        ("password_reset", _) => "A new password was chosen with “Forgot your password?”.",
        ("password_reset_asked", _) => "Somebody asked for a new password with “Forgot your password?”.",
        ("password_reset_code", AuditResult::Success) => "The code for a forgotten password was right.",
        ("password_reset_code", _) => "A wrong code for a forgotten password was entered.",
        ("password_reset_canceled", _) => "Choosing a new password was canceled.",
        ("password_reset_held_up", _) => "A new password could not be chosen: no second step could be shown.",
        ("email_changed", AuditResult::Success) => return from_to("Your e-mail address was changed", details),
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
        _ => return administration(action, result, details),
    };
    told.to_owned()
}

/// What administrators do to somebody, and what somebody does as one.
fn administration(action: &str, result: AuditResult, details: &Value) -> String {
    let done = result == AuditResult::Success;
    let text = |key: &str| details[key].as_str().unwrap_or_default();
    let told = match action {
        "account_unlocked" if done => "Your account was unlocked.",
        "account_disabled" if done => "Your account was disabled.",
        "account_enabled" if done => "Your account was enabled again.",
        "sessions_ended" if done => "All your sessions were ended.",
        "role_changed" if done => return from_to("Your role was changed", details),
        "account_unlocked" | "account_disabled" | "account_enabled" | "sessions_ended" | "role_changed" => {
            "A change to your account was asked for and not made."
        }
        "membership_disabled" => "Your membership in an organization was stopped.",
        "removed_from_organization" => "You were removed from an organization.",
        "managing_organization_changed" => "Another organization manages your account from here on.",
        "profile_edited" => "Your profile was edited.",
        "email_proposed" => "Another e-mail address was proposed for you.",
        "invited" => "You were invited.",
        "invitation_sent_again" => "Your invitation was sent again.",
        "invitation_withdrawn" => "Your invitation was withdrawn.",
        "invitation_accepted" => "You accepted an invitation.",
        "invitation_declined" => "You declined an invitation.",
        "hardware_token_assigned" => return token("was assigned to you", text("serial")),
        "hardware_token_activated" if done => return token("was put into use", text("serial")),
        "hardware_token_activated" => return token("was not put into use, because the code was wrong", text("serial")),
        "hardware_token_deactivated" => return token("was taken out of use", text("serial")),
        "hardware_token_lost" => return token("was marked as lost", text("serial")),
        "hardware_token_taken_back" => return token("was taken back", text("serial")),
        "hardware_tokens_imported" => "Hardware tokens were imported.",
        "hardware_tokens_exported" => "A list of hardware tokens was exported.",
        "exemption_set" => match text("until") {
            "" => "You were exempted from multi-factor authentication.",
            until => return format!("You were exempted from multi-factor authentication until {until}."),
        },
        "exemption_ended" => "Your exemption from multi-factor authentication was ended.",
        "security_settings_changed" => "The security settings of an organization were changed.",
        "safelist_changed" => "The IP Safelist of an organization was changed.",
        "organization_created" => "An organization was created.",
        "organization_changed" => "The details of an organization were changed.",
        "organization_disabled" => "An organization was disabled.",
        "organization_enabled" => "An organization was enabled again.",
        "application_added" => "A link to an application was added.",
        "application_changed" => "A link to an application was changed.",
        "application_removed" => "A link to an application was removed.",
        "registration_code_made" => "A registration code was made.",
        "registration_code_rotated" => "A registration code was replaced.",
        "registration_code_revoked" => "A registration code was revoked.",
        "people_exported" => "A list of users was exported.",
        "audit_exported" => "The audit log was exported.",
        "job_planned" => "A job for many people was planned.",
        "job_started" => "A job for many people was started.",
        "job_stopped" => "A job for many people was stopped.",
        "job_retried" => "A job for many people was tried again.",
        "job_done" => "A job for many people was done.",
        "job_exported" => "The results of a job were exported.",
        "api_token_made" => "You made an API token.",
        "api_token_for_help" => "You used Swagger Docs, which got an API token for ten minutes.",
        "api_token_revoked" => "An API token of yours was revoked.",
        "api_refused" => "A request to the API was refused.",
        _ => return own_reset(action, result, details),
    };
    told.to_owned()
}

/// A reset of one's own factors with an identity check.
fn own_reset(action: &str, result: AuditResult, details: &Value) -> String {
    let done = result == AuditResult::Success;
    let told = match action {
        "self_reset_asked" => "Somebody asked to reset your factors with an identity check.",
        "self_reset_begun" => "A link to reset your factors with an identity check was sent to you.",
        "self_reset_link_again" => "The link to reset your factors was sent to you again.",
        "identity_check_begun" => "An identity check was begun.",
        "identity_check" if done => "The identity check succeeded.",
        "identity_check" => "The identity check did not succeed.",
        "self_reset_names" if done => "The name on the document was yours.",
        "self_reset_names" => "The name on the document differed from yours, so administrators look at it.",
        "self_reset_review" => match details["decision"].as_str() {
            Some("approved") => "The name on the document was approved.",
            Some("refused") => "The name on the document was refused.",
            _ => "The name on the document was looked at, and nothing was decided.",
        },
        "self_reset_canceled" => "The reset of your factors with an identity check was canceled.",
        "self_reset_done" => "You reset your factors with an identity check.",
        "self_reset_disowned" => "You said that a reset was not yours, so your account was locked.",
        _ => return format!("Recorded as “{}”.", action.replace('_', " ")),
    };
    told.to_owned()
}

fn from_to(what: &str, details: &Value) -> String {
    match (details["from"].as_str(), details["to"].as_str()) {
        (Some(from), Some(to)) => format!("{what} from {from} to {to}."),
        _ => format!("{what}."),
    }
}

fn token(what: &str, serial: &str) -> String {
    match serial {
        "" => format!("A hardware token {what}."),
        serial => format!("The hardware token {serial} {what}."),
    }
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
            ("email_changed", Success, json!({}), "Your e-mail address was changed."),
            (
                "role_changed",
                Success,
                json!({"from": "member", "to": "admin"}),
                "Your role was changed from member to admin.",
            ),
            (
                "hardware_token_activated",
                Failure,
                json!({"serial": "VB-1"}),
                "The hardware token VB-1 was not put into use, because the code was wrong.",
            ),
            ("self_reset_review", Success, json!({"decision": "refused"}), "The name on the document was refused."),
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
