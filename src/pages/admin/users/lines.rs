//! What stands on Edit User, in words.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::domain::audit_words::found_nothing;
use crate::domain::devices;
use crate::domain::domain_account::host;
use crate::domain::mfa_reset::Removal;
use crate::domain::times::Zone;
use crate::models::audit_entries::AuditEntry;
use crate::models::domain_identities::DomainIdentity;
use crate::models::factors::Factor;
use crate::models::organizations::Organization;
use crate::models::outbox_messages::OutboxMessage;
use crate::models::sessions::Session;
use crate::models::{AuditResult, Channel, MessageState, Scope};
use crate::pages::people::{factor_badge, factor_name, kind_name};
use crate::web::view::{Badge, Kind, mask_email, mask_phone};

/// What a reset takes from one person, for the confirm page and the pop-up.
#[derive(Clone, Debug, Default)]
pub struct What {
    pub name: String,
    pub deleted: Vec<String>,
    pub tokens: Option<String>,
    /// Only what counts for this one goes.
    pub organization: Option<String>,
    pub unlocked: bool,
    pub registration: bool,
    /// "the password, the verified address": of a registration, what is there.
    pub also: String,
    pub setup_required: bool,
}

impl What {
    pub fn of(name: String, removal: &Removal, organization: Option<String>) -> Self {
        Self {
            name,
            deleted: removal.deleted_words(),
            tokens: removal.deactivated_words(),
            organization,
            unlocked: removal.unlocked,
            registration: removal.registration,
            also: removal.registration_words().join(", "),
            setup_required: removal.setup_required,
        }
    }
}

#[derive(Clone, Debug)]
pub struct FactorLine {
    pub kind: &'static str,
    pub name: String,
    pub scope: String,
    pub state: Badge,
    pub added: String,
    pub last_used: String,
}

pub fn factor(factor: &Factor, of: &[&Organization], zone: &Zone, now: Timestamp) -> FactorLine {
    let organization = of.iter().find(|o| Some(&o.id) == factor.organization_id.as_ref());
    FactorLine {
        kind: kind_name(factor.kind),
        name: factor_name(factor),
        scope: match (factor.scope, organization) {
            (Scope::User, _) => "Everywhere".into(),
            (Scope::Organization, Some(organization)) => format!("{} only", organization.name),
            (Scope::Organization, None) => "One organization".into(),
        },
        state: factor_badge(factor.state),
        added: zone.day_and_time(factor.created_at, now),
        last_used: factor.last_used_at.map_or_else(|| "Never".into(), |at| zone.day_and_time(at, now)),
    }
}

#[derive(Clone, Debug)]
pub struct DomainLine {
    /// The provider's host.
    pub host: String,
    pub since: String,
    pub last_used: String,
}

/// One of the domain accounts that sign somebody in.
pub fn domain_account(one: &DomainIdentity, zone: &Zone, now: Timestamp) -> DomainLine {
    DomainLine {
        host: host(&one.issuer),
        since: zone.day_and_time(one.created_at, now),
        last_used: zone.day_and_time(one.last_used_at, now),
    }
}

#[derive(Clone, Debug)]
pub struct SessionLine {
    pub device: String,
    pub address: String,
    pub started: String,
    pub last_used: String,
}

pub fn session(session: &Session, zone: &Zone, now: Timestamp) -> SessionLine {
    SessionLine {
        device: devices::describe(&session.user_agent),
        address: session.address.clone(),
        started: zone.day_and_time(session.created_at, now),
        last_used: zone.day_and_time(session.last_seen_at, now),
    }
}

#[derive(Clone, Debug)]
pub struct ActivityLine {
    pub at: String,
    pub what: String,
    pub result: Badge,
    pub address: String,
}

pub fn activity(entry: &AuditEntry, zone: &Zone, now: Timestamp) -> ActivityLine {
    let details: Value = serde_json::from_str(&entry.details).unwrap_or_default();
    if found_nothing(&entry.action, &details) {
        return ActivityLine {
            at: zone.day_and_time(entry.at, now),
            what: "MFA reset: nothing to reset".into(),
            result: Badge::new(Kind::Info, "Nothing changed"),
            address: entry.address.clone(),
        };
    }
    let label = details["label"].as_str().map(|label| format!(": {label}")).unwrap_or_default();
    ActivityLine {
        at: zone.day_and_time(entry.at, now),
        what: format!("{}{label}", action_words(&entry.action)),
        result: match entry.result {
            AuditResult::Success => Badge::new(Kind::Ok, "Done"),
            AuditResult::Failure => Badge::new(Kind::Warn, "Failed"),
            AuditResult::Refused => Badge::new(Kind::Bad, "Refused"),
        },
        address: entry.address.clone(),
    }
}

/// "mfa_reset" as "MFA reset".
fn action_words(action: &str) -> String {
    let words = action.replace('_', " ");
    if let Some(rest) = words.strip_prefix("mfa") {
        return format!("MFA{rest}");
    }
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[derive(Clone, Debug)]
pub struct DeliveryLine {
    pub at: String,
    pub channel: &'static str,
    /// Masked.
    pub to: String,
    pub what: String,
    pub state: Badge,
}

pub fn delivery(message: &OutboxMessage, zone: &Zone, now: Timestamp) -> DeliveryLine {
    let (channel, to) = match message.channel {
        Channel::Email => ("E-mail", mask_email(&message.recipient)),
        Channel::Sms => ("Text message", mask_phone(&message.recipient)),
        Channel::Call => ("Call", mask_phone(&message.recipient)),
    };
    DeliveryLine {
        at: zone.day_and_time(message.created_at, now),
        channel,
        to,
        what: action_words(&message.kind),
        state: match message.state {
            MessageState::Queued => Badge::new(Kind::Info, "Waiting"),
            MessageState::Sent => Badge::new(Kind::Ok, "Handed over"),
            MessageState::Failed => Badge::new(Kind::Bad, "Given up"),
        },
    }
}
