//! What is written down about a token, and what its owner is told: an audit entry, an e-mail to every
//! address on record, a message in Message Center. ASVS 6.3.7.

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::{Core, notices};
use crate::models::hardware_tokens::HardwareToken;
use crate::models::messages::{self, Message};
use crate::models::organizations::Organization;
use crate::models::users::User;
use crate::models::{AuditResult, new_id};
use crate::outbox::messages::{TokenChange, TokenChanged};

/// What happened to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Assigned,
    Activated,
    Deactivated,
    Lost,
    /// It is nobody's any more.
    TakenBack,
}

impl What {
    /// The word in the audit log.
    pub fn action(self) -> &'static str {
        match self {
            Self::Assigned => "hardware_token_assigned",
            Self::Activated => "hardware_token_activated",
            Self::Deactivated => "hardware_token_deactivated",
            Self::Lost => "hardware_token_lost",
            Self::TakenBack => "hardware_token_taken_back",
        }
    }

    fn change(self) -> TokenChange {
        match self {
            Self::Assigned => TokenChange::Assigned,
            Self::Activated => TokenChange::Activated,
            Self::Deactivated => TokenChange::Deactivated,
            Self::Lost => TokenChange::Lost,
            Self::TakenBack => TokenChange::TakenBack,
        }
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Assigned => "A hardware token was assigned to you",
            Self::Activated => "Your hardware token was activated",
            Self::Deactivated => "Your hardware token was deactivated",
            Self::Lost => "Your hardware token was marked as lost",
            Self::TakenBack => "Your hardware token was taken back",
        }
    }

    fn body(self, serial: &str, by: &str) -> String {
        let (did, so) = match self {
            Self::Assigned => ("assigned to you", "Activate it under Security with a code from it."),
            Self::Activated => ("activated", "Its codes now open your account as a second step."),
            Self::Deactivated => {
                ("deactivated", "Its codes open nothing until it is activated again with a code from it.")
            }
            Self::Lost => ("marked as lost", "Its codes open nothing any more."),
            Self::TakenBack => ("taken back", "Its codes open nothing any more."),
        };
        format!("The hardware token {serial} was {did} by {by}.\n\n{so}")
    }
}

/// Writes the entry; `user` is whose it is or was.
pub fn note(
    conn: &mut DbConnection,
    (organization, actor): (&Organization, Option<&Actor>),
    (token, user): (&HardwareToken, Option<&User>),
    (what, result): (What, AuditResult),
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let entry = Entry::new(what.action(), result);
    let entry = match actor {
        Some(actor) => entry.by(actor),
        None => entry.by_command_line(),
    };
    let entry = entry
        .about(user.map(|user| user.id.as_str()))
        .in_organization(Some(&organization.id))
        .with("serial", token.serial.as_str());
    Ok(entry.write(conn, origin, now)?)
}

/// The same, and tells the owner.
pub fn tell(
    conn: &mut DbConnection,
    core: &Core,
    (organization, actor): (&Organization, Option<&Actor>),
    (token, user): (&HardwareToken, &User),
    what: What,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    note(conn, (organization, actor), (token, Some(user)), (what, AuditResult::Success), origin, now)?;
    let by = match actor {
        Some(actor) => format!("{} ({})", actor.user.full_name(), organization.name),
        None => format!("the support of {}", organization.name),
    };
    let message = |zone: &crate::domain::times::Zone| {
        Box::new(TokenChanged {
            change: what.change(),
            serial: token.serial.as_str().into(),
            by: by.as_str().into(),
            when: zone.time_with_zone(now).into(),
        }) as _
    };
    notices::tell_everywhere(conn, core, user, what.action(), message, now)?;
    let row = Message {
        id: new_id(now),
        user_id: user.id.clone(),
        subject: what.subject().into(),
        body: what.body(&token.serial, &by),
        created_at: now,
        read_at: None,
    };
    Ok(messages::insert(conn, &row)?)
}
