//! What became of a reset, with its reference.

use askama::Template;
use serde_json::Value;

use crate::domain::mfa_reset::plan::Planned;
use crate::models::mfa_reset_results::MfaResetResult;
use crate::models::{ResetOutcome, ResetScope};
use crate::web::administration::OrgAdmin;
use crate::web::view::{Frame, Link, count};

/// GET /admin/resets/{reference} once it is done. **Try again** posts to it.
#[derive(Template, Default)]
#[template(path = "admin/resets/receipt.html")]
pub struct ReceiptPage {
    pub frame: Frame,
    pub heading: String,
    pub reference: String,
    pub label: String,
    pub done: Vec<Line>,
    pub nothing: Vec<Line>,
    pub skipped: Vec<Line>,
    pub failed: Vec<Line>,
    /// Where the users chosen can be found.
    pub back: Option<Link>,
    pub when: String,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub user_id: String,
    pub name: String,
    pub words: String,
}

impl ReceiptPage {
    pub fn of(admin: &OrgAdmin, planned: &Planned) -> Self {
        let of = |outcomes: &[ResetOutcome]| -> Vec<Line> {
            planned.people.iter().filter(|p| outcomes.contains(&p.outcome)).map(line).collect()
        };
        let done = of(&[ResetOutcome::Reset]);
        let nothing = of(&[ResetOutcome::Nothing]);
        let now = admin.visitor.app.core.clock.now();
        let heading = match (planned.people.as_slice(), done.len()) {
            ([_], 0) if !nothing.is_empty() => "Nothing to reset".to_owned(),
            ([one], 1) if planned.reset.scope == ResetScope::Registration => {
                format!("Registration reset for {}", one.name)
            }
            ([one], 1) => format!("MFA reset for {}", one.name),
            (_, many) => {
                format!("MFA reset for {}", count(i64::try_from(many).unwrap_or(i64::MAX), "user", "users"))
            }
        };
        let back = match planned.people.as_slice() {
            [one] => Link::new(format!("Edit User: {}", one.name), format!("/admin/users/{}", one.user_id)),
            _ => Link::new("Users", "/identity/users"),
        };
        Self {
            frame: admin.frame(if planned.people.len() == 1 { "/admin/users" } else { "/identity/users" }),
            heading,
            reference: planned.reset.reference.clone(),
            label: planned.reset.label.clone(),
            done,
            nothing,
            skipped: of(&[ResetOutcome::Skipped]),
            failed: of(&[ResetOutcome::Failed, ResetOutcome::Waiting]),
            back: Some(back),
            when: admin.zone().day_and_time(planned.reset.created_at, now),
        }
    }
}

fn line(person: &MfaResetResult) -> Line {
    let details: Value = serde_json::from_str(&person.details).unwrap_or_default();
    Line { user_id: person.user_id.clone(), name: person.name.clone(), words: words(person.outcome, &details) }
}

fn words(outcome: ResetOutcome, details: &Value) -> String {
    match outcome {
        ResetOutcome::Reset => done_words(details),
        ResetOutcome::Nothing => "There was nothing to reset, and no mail was sent.".into(),
        ResetOutcome::Skipped => match details["why"].as_str() {
            Some("self") => "This is you. Use Security, or reset your own factors at /mfa/reset.",
            Some("higher_role") => "Has a higher role than you.",
            Some("managed_elsewhere") => "Is managed by another organization.",
            Some("last_owner") => "Is the only active Account Holder.",
            _ => "Is not yours to look after any more.",
        }
        .into(),
        ResetOutcome::Failed => "Something went wrong. Nothing was changed for this user.".into(),
        ResetOutcome::Waiting => "Not done yet.".into(),
    }
}

fn done_words(details: &Value) -> String {
    let mut parts: Vec<String> = Vec::new();
    let deleted: Vec<&str> = details["words"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !deleted.is_empty() {
        parts.push(format!("Deleted: {}.", deleted.join(", ")));
    }
    if let Some(tokens) = details["tokens"].as_str() {
        parts.push(format!("Deactivated, still assigned: {tokens}."));
    }
    if details["registration"].as_bool() == Some(true) {
        let also: Vec<&str> = details["also"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !also.is_empty() {
            parts.push(format!("Removed: {}.", also.join(", ")));
        }
        parts.push("The registration begins again; a link was mailed.".into());
    } else if details["setup_required"].as_bool() == Some(true) {
        parts.push("Must set up a factor at the next sign-in.".into());
    }
    if parts.is_empty() { "The pause after wrong codes was lifted.".into() } else { parts.join(" ") }
}
