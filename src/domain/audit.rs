//! Audit entries: written in the transaction of their act. ASVS 16.2.1, 16.3.1 to 16.3.4.

use serde_json::{Map, Value};

use super::administration::{Actor, Via};
use super::limits::AUDIT_SELDOM;
use super::{audit_words, throttle};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::{AuditResult, QueryResult, new_id, users};

/// Where an act came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address, as `web::client_ip` works it out.
    pub address: String,
    /// What limits count it as: the address itself, or the /56 of an IPv6 one.
    pub limited_as: String,
    pub user_agent: String,
    pub request_id: String,
    /// The id of the session's row, never its secret.
    pub session_id: Option<String>,
    /// The address is this machine's own and the installation is a demo: no limits by address.
    pub unlimited: bool,
    /// The API token the act was done with.
    pub api_token_id: Option<String>,
}

/// The address of the command line's own acts; no client's, which are all numbers.
pub const LOCAL: &str = "local";

impl Origin {
    pub fn is_command_line(&self) -> bool {
        self.address == LOCAL
    }
}

/// An entry in the making.
pub struct Entry<'a> {
    action: &'a str,
    result: AuditResult,
    actor: Option<&'a str>,
    subject: Option<&'a str>,
    organization: Option<&'a str>,
    details: Map<String, Value>,
    command_line: bool,
}

impl<'a> Entry<'a> {
    pub fn new(action: &'a str, result: AuditResult) -> Self {
        Self {
            action,
            result,
            actor: None,
            subject: None,
            organization: None,
            details: Map::new(),
            command_line: false,
        }
    }

    /// Somebody acted on their own account.
    pub fn of(mut self, user_id: &'a str) -> Self {
        self.actor = Some(user_id);
        self.subject = Some(user_id);
        self
    }

    /// Somebody acted on somebody else, or whoever has the command line did.
    pub fn by(mut self, actor: &'a Actor) -> Self {
        match actor.via {
            Via::CommandLine => self.command_line = true,
            Via::Console | Via::Api => self.actor = Some(&actor.user.id),
        }
        self.with("via", actor.via.as_str()).in_organization(actor.organization_id())
    }

    /// Whoever has the command line did, and nobody's account stands behind it.
    pub fn by_command_line(mut self) -> Self {
        self.command_line = true;
        self.with("via", Via::CommandLine.as_str())
    }

    /// What somebody's act led to, for somebody else.
    pub fn caused_by(mut self, user_id: &'a str) -> Self {
        self.actor = Some(user_id);
        self
    }

    /// A stranger, or nobody known, tried something with this account.
    pub fn about(mut self, user_id: Option<&'a str>) -> Self {
        self.subject = user_id;
        self
    }

    pub fn in_organization(mut self, organization_id: Option<&'a str>) -> Self {
        self.organization = organization_id;
        self
    }

    /// A detail; never a secret.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// Writes it once a minute, address and organization at most: for what anybody may do without end, and
    /// nothing comes of. The log has each of them. ASVS 2.4.1.
    pub fn write_seldom(self, conn: &mut DbConnection, origin: &Origin, now: Timestamp) -> QueryResult<()> {
        let organization = self.organization.unwrap_or_default();
        let key = format!("audit:{}:{}:{organization}", self.action, origin.limited_as);
        match throttle::take(conn, &key, 1, AUDIT_SELDOM, now)? {
            None => self.write(conn, origin, now),
            Some(_) => Ok(()),
        }
    }

    /// Writes the entry. Its copy in the log follows from that, once the transaction has committed.
    pub fn write(mut self, conn: &mut DbConnection, origin: &Origin, now: Timestamp) -> QueryResult<()> {
        // So that each test that does something sees to it that pages have words for it.
        debug_assert!(audit_words::words(self.action).is_some(), "«{}» is not in audit_words::GROUPS", self.action);
        if let Some(token) = &origin.api_token_id {
            self.details.entry("token").or_insert_with(|| token.as_str().into());
        }
        // What concerns an account and no organization in particular is for those who manage it.
        let organization_id = match (self.organization, self.subject) {
            (Some(id), _) => Some(id.to_owned()),
            (None, Some(subject)) => users::managing_organization(conn, subject)?,
            (None, None) => None,
        };
        let details = Value::Object(self.details).to_string();
        audit_entries::insert(
            conn,
            &AuditEntry {
                id: new_id(now),
                at: now,
                actor_kind: match self.actor {
                    _ if self.command_line => "cli",
                    Some(_) => "user",
                    None => "stranger",
                }
                .into(),
                actor_id: self.actor.map(Into::into),
                action: self.action.into(),
                result: self.result,
                subject_user_id: self.subject.map(Into::into),
                organization_id,
                address: origin.address.clone(),
                user_agent: origin.user_agent.clone(),
                request_id: origin.request_id.clone(),
                session_id: origin.session_id.clone(),
                details,
                seal: None,
            },
        )
    }
}
