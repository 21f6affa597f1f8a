//! Audit entries as the pages show them.

use serde_json::Value;

use crate::domain::audit_log::{Person, Shown};
use crate::domain::times::Zone;
use crate::domain::{audit_words, devices};
use crate::models::AuditResult;
use crate::web::view::{Badge, Kind};

/// A row of the list.
pub struct Line {
    pub id: String,
    pub time: String,
    pub event: Badge,
    pub who: String,
    /// Empty where somebody acted on their own account.
    pub about: String,
    pub organization: String,
    pub address: String,
}

/// Everything about one entry.
pub struct Detail {
    pub event: Badge,
    /// Label and value; what is not there is left out.
    pub facts: Vec<(String, String)>,
    pub details: Vec<(String, String)>,
}

/// A heading in the list of events to choose from.
pub struct Group {
    pub title: &'static str,
    pub chosen: bool,
    /// Action, its words, whether it is chosen.
    pub events: Vec<(&'static str, &'static str, bool)>,
}

pub fn groups(chosen: &str) -> Vec<Group> {
    audit_words::GROUPS
        .iter()
        .map(|(title, events)| Group {
            title,
            chosen: *title == chosen,
            events: events.iter().map(|(action, words)| (*action, *words, *action == chosen)).collect(),
        })
        .collect()
}

pub fn line(shown: &Shown, zone: &Zone) -> Line {
    let entry = &shown.entry;
    let own = entry.actor_id.is_some() && entry.actor_id == entry.subject_user_id;
    Line {
        id: entry.id.clone(),
        time: zone.exact(entry.at),
        event: badge(shown),
        who: who(shown),
        about: match &shown.about {
            Some(person) if !own => person.name.clone(),
            Some(_) => String::new(),
            // An offer: what is known is the address that was typed.
            None => typed_address(&entry.details),
        },
        organization: shown.organization.clone().unwrap_or_default(),
        address: entry.address.clone(),
    }
}

fn badge(shown: &Shown) -> Badge {
    let kind = match shown.entry.result {
        AuditResult::Success if shown.entry.action == "sign_in" => Kind::Ok,
        AuditResult::Success => Kind::Info,
        AuditResult::Failure => Kind::Bad,
        AuditResult::Refused => Kind::Warn,
    };
    Badge::new(kind, shown.event())
}

fn who(shown: &Shown) -> String {
    match (&shown.who, shown.entry.actor_kind.as_str()) {
        (Some(person), _) => person.name.clone(),
        (None, "system") => "System".into(),
        (None, "cli") => "Command line".into(),
        (None, _) if shown.entry.action == "invitation_declined" => "Whoever was invited".into(),
        (None, _) => "Nobody signed in".into(),
    }
}

fn typed_address(details: &str) -> String {
    let details: Value = serde_json::from_str(details).unwrap_or_default();
    details["email"].as_str().unwrap_or_default().to_owned()
}

pub fn detail(shown: Shown, zone: &Zone) -> Detail {
    let event = badge(&shown);
    let person = |p: &Person| match p.username.is_empty() {
        true => p.id.clone(),
        false => format!("{} ({}), {}", p.name, p.username, p.id),
    };
    let who = shown.who.as_ref().map_or_else(|| who(&shown), person);
    let entry = shown.entry;
    let facts = [
        ("Time", zone.exact(entry.at)),
        ("Who", who),
        ("About", shown.about.as_ref().map(person).unwrap_or_default()),
        ("Organization", shown.organization.unwrap_or_default()),
        ("Result", audit_words::sentence(entry.result.as_str())),
        ("IP address", entry.address),
        ("Browser", if entry.user_agent.is_empty() { String::new() } else { devices::describe(&entry.user_agent) }),
        ("Session", entry.session_id.unwrap_or_default()),
        ("Request", entry.request_id),
        ("Entry", entry.id),
        ("Seal", entry.seal.map_or_else(|| "Waits to be sealed".into(), |seal| format!("Number {seal}"))),
    ];
    let details: Vec<(String, String)> = match serde_json::from_str(&entry.details) {
        Ok(Value::Object(map)) => {
            map.into_iter().map(|(key, value)| (audit_words::sentence(&key), text(value))).collect()
        }
        _ => Vec::new(),
    };
    Detail {
        event,
        facts: facts.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v)).collect(),
        details,
    }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Bool(true) => "Yes".into(),
        Value::Bool(false) => "No".into(),
        Value::Null => "–".into(),
        Value::Array(values) => values.into_iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
