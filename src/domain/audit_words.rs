//! The audit log in words: what an action is called on pages, and under which heading it is found.

use serde_json::Value;

use crate::models::audit_entries::AuditEntry;
use crate::models::{AuditResult, ResetOutcome};

/// Actions under a heading, with their words; failed or refused ones may have words of their own.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

/// Everything that is recorded. A later version's action that is not here is told by its name.
pub const GROUPS: &[Group] = &[
    (
        "Signing in",
        &[
            ("password", "Password checked"),
            ("second_step", "Second step checked"),
            ("sign_in", "Signed in"),
            ("sign_in_canceled", "Sign-in canceled"),
            ("sign_out", "Signed out"),
            ("domain_sign_in", "Came by a domain account"),
            ("domain_linked", "Domain account connected"),
            ("domain_unlinked", "Domain account removed"),
            ("domain_newcomer", "Account made for a domain account"),
            ("domain_confirmed", "Domain account shown again"),
            ("domain_proof", "Owner of a domain account checked"),
            ("session_ended", "Session ended"),
            ("organization_switched", "Organization switched"),
            ("browser_forgotten", "Browser forgotten"),
            ("remembered_browser_replayed", "Old secret of a remembered browser came back"),
            ("set_up_demanded", "Set-up demanded"),
            ("step_up", "Factor shown again"),
            ("password_confirmed", "Password shown again"),
        ],
    ),
    (
        "Codes and calls",
        &[("code_sent", "Code sent"), ("code_send_refused", "Code not sent"), ("call_placed", "Call placed")],
    ),
    (
        "Factors",
        &[
            ("factor_added", "Factor added"),
            ("factor_removed", "Factor removed"),
            ("factor_renamed", "Factor renamed"),
            ("authenticator_switched_off", "Authenticator switched off"),
            ("recovery_codes_made", "Recovery codes made"),
            ("mfa_reset", "MFA reset"),
            ("break_glass", "MFA reset on the command line"),
        ],
    ),
    (
        "Hardware tokens",
        &[
            ("hardware_tokens_imported", "Hardware tokens imported"),
            ("hardware_tokens_exported", "Hardware tokens exported"),
            ("hardware_token_assigned", "Hardware token assigned"),
            ("hardware_token_activated", "Hardware token activated"),
            ("hardware_token_deactivated", "Hardware token deactivated"),
            ("hardware_token_lost", "Hardware token lost"),
            ("hardware_token_taken_back", "Hardware token taken back"),
        ],
    ),
    (
        "Resets of one's own",
        &[
            ("self_reset_asked", "Reset of one's own asked for"),
            ("self_reset_begun", "Reset of one's own begun"),
            ("self_reset_link_again", "Link for a reset of one's own sent again"),
            ("identity_check_begun", "Identity check begun"),
            ("identity_check", "Identity check"),
            ("self_reset_names", "Name on the document compared"),
            ("self_reset_review", "Reset of one's own reviewed"),
            ("self_reset_canceled", "Reset of one's own canceled"),
            ("self_reset_done", "Reset of one's own done"),
            ("self_reset_disowned", "Reset of one's own was somebody else's"),
        ],
    ),
    (
        "Passwords",
        &[
            ("password_changed", "Password changed"),
            ("password_switched_off", "Password switched off"),
            ("password_reset_asked", "New password asked for"),
            ("password_reset_code", "Code for a new password checked"),
            ("password_reset_held_up", "New password held up"),
            ("password_reset_canceled", "New password given up"),
            ("password_reset", "Forgotten password replaced"),
        ],
    ),
    (
        "Registering",
        &[
            ("registration_code", "Registration code checked"),
            ("registration_started", "Registration started"),
            ("registration_link_asked", "Registration link asked for"),
            ("registration_link_sent", "Registration link sent"),
            ("registration_link_refused", "Registration link refused"),
            ("registration_method", "Registration method chosen"),
            ("registration_conflict", "Registration met a taken name or address"),
            ("registration_resumed", "Registration resumed"),
            ("registration_reset", "Registration begun anew"),
            ("registration_finished", "Registration finished"),
            ("registered", "Account made"),
            ("terms_accepted", "Terms accepted"),
        ],
    ),
    (
        "People",
        &[
            ("invited", "Invited"),
            ("invitation_sent_again", "Invitation sent again"),
            ("invitation_withdrawn", "Invitation withdrawn"),
            ("invitation_accepted", "Invitation accepted"),
            ("invitation_declined", "Invitation declined"),
            ("profile_edited", "Profile edited"),
            ("email_proposed", "New email address proposed"),
            ("email_change_asked", "New email address asked for"),
            ("email_changed", "Email address changed"),
            ("time_zone_changed", "Time zone changed"),
            ("role_changed", "Role changed"),
            ("account_unlocked", "Account unlocked"),
            ("account_disabled", "Account disabled"),
            ("account_enabled", "Account enabled"),
            ("membership_disabled", "Membership stopped"),
            ("sessions_ended", "Sessions ended"),
            ("removed_from_organization", "Removed from the organization"),
            ("managing_organization_changed", "Managing organization changed"),
            ("people_exported", "Users exported"),
        ],
    ),
    (
        "Settings",
        &[
            ("security_settings_changed", "Security settings changed"),
            ("safelist_changed", "IP Safelist changed"),
            ("exemption_set", "Exemption set"),
            ("exemption_ended", "Exemption ended"),
            ("organization_created", "Organization created"),
            ("organization_changed", "Organization changed"),
            ("organization_disabled", "Organization disabled"),
            ("organization_enabled", "Organization enabled"),
            ("application_added", "Application added"),
            ("application_changed", "Application changed"),
            ("application_removed", "Application removed"),
            ("registration_code_made", "Registration code made"),
            ("registration_code_rotated", "Registration code rotated"),
            ("registration_code_revoked", "Registration code revoked"),
        ],
    ),
    (
        "Administration",
        &[
            ("access_denied", "Page refused"),
            ("audit_exported", "Audit log exported"),
            ("job_planned", "Job planned"),
            ("job_started", "Job started"),
            ("job_stopped", "Job stopped"),
            ("job_retried", "Job retried"),
            ("job_done", "Job done"),
            ("job_exported", "Results of a job exported"),
            ("database_restored", "Database put back from a copy"),
        ],
    ),
    (
        "API",
        &[
            ("api_token_made", "API token made"),
            ("api_token_for_help", "Token for Swagger Docs made"),
            ("api_token_revoked", "API token revoked"),
            ("api_refused", "API request refused"),
        ],
    ),
];

/// Whether an entry tells of a reset that found nothing to take away.
pub fn found_nothing(action: &str, details: &Value) -> bool {
    action == "mfa_reset" && details["result"] == ResetOutcome::Nothing.as_str()
}

/// What an entry tells, such as "MFA reset" or "Password checked: failed".
pub fn event_of(entry: &AuditEntry) -> String {
    let details = serde_json::from_str(&entry.details).unwrap_or_default();
    if found_nothing(&entry.action, &details) {
        return format!("{}: nothing to reset", name(&entry.action));
    }
    event(&entry.action, entry.result)
}

/// What happened, in words.
fn event(action: &str, result: AuditResult) -> String {
    match (action, result) {
        ("password", AuditResult::Failure) => "Wrong password".into(),
        ("second_step", AuditResult::Failure) => "Wrong code".into(),
        (_, AuditResult::Success) => name(action),
        (_, AuditResult::Failure) => format!("{}: failed", name(action)),
        (_, AuditResult::Refused) if action.contains("refused") || action.contains("denied") => name(action),
        (_, AuditResult::Refused) => format!("{}: refused", name(action)),
    }
}

/// An action without its result.
pub fn name(action: &str) -> String {
    words(action).map_or_else(|| sentence(action), str::to_owned)
}

/// The words of an action of this version.
pub fn words(action: &str) -> Option<&'static str> {
    let mut known = GROUPS.iter().flat_map(|(_, actions)| actions.iter());
    known.find(|(word, _)| *word == action).map(|(_, words)| *words)
}

/// The actions under a heading.
pub fn group(title: &str) -> Option<Vec<String>> {
    let (_, actions) = GROUPS.iter().find(|(name, _)| *name == title)?;
    Some(actions.iter().map(|(action, _)| (*action).to_owned()).collect())
}

/// `failed_in_row` as "Failed in row".
pub fn sentence(word: &str) -> String {
    let text = word.replace(['_', '-'], " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
