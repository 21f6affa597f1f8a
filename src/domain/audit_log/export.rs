//! Exports of the audit log, as CSV and as JSON Lines: read and handed on in pieces, so that a log of
//! any size takes little memory. Times are UTC; what is added meanwhile is not part of it.

use serde::Serialize;
use serde_json::Value;

use super::{Cursor, Filtered, Query, Shown, filter, rows, shown};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{AUDIT_EXPORTS, AUDIT_EXPORTS_WITHIN};
use crate::domain::times::rfc3339;
use crate::domain::{Core, csv, throttle};
use crate::models::{AuditResult, audit_entries};

/// Entries per piece.
const PIECE: i64 = 500;

const HEAD: [&str; 18] = [
    "id",
    "at",
    "event",
    "action",
    "result",
    "actor_kind",
    "actor_id",
    "actor_username",
    "actor_name",
    "subject_id",
    "subject_username",
    "subject_name",
    "organization_id",
    "organization",
    "address",
    "user_agent",
    "details",
    "seal",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
}

impl Format {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// An entry for machines: the same in JSON Lines and in the API.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AuditEntryView {
    pub id: String,
    /// RFC 3339, UTC.
    pub at: String,
    /// The action in words.
    pub event: String,
    pub action: String,
    #[schema(value_type = String, example = "success")]
    pub result: AuditResult,
    /// `user`, `stranger`, `system` or `cli`.
    pub actor_kind: String,
    pub actor: Option<PersonView>,
    pub subject: Option<PersonView>,
    pub organization_id: Option<String>,
    pub address: String,
    pub user_agent: String,
    pub request_id: String,
    #[schema(value_type = Object)]
    pub details: Value,
    /// The number of the seal in the hash chain.
    pub seal: Option<i64>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PersonView {
    pub user_id: String,
    pub username: String,
    pub name: String,
}

impl From<Shown> for AuditEntryView {
    fn from(shown: Shown) -> Self {
        let person = |p: super::Person| PersonView { user_id: p.id, username: p.username, name: p.name };
        let event = shown.event();
        let entry = shown.entry;
        Self {
            at: rfc3339(entry.at),
            event,
            actor: shown.who.map(person),
            subject: shown.about.map(person),
            details: serde_json::from_str(&entry.details).unwrap_or(Value::Null),
            id: entry.id,
            action: entry.action,
            result: entry.result,
            actor_kind: entry.actor_kind,
            organization_id: entry.organization_id,
            address: entry.address,
            user_agent: entry.user_agent,
            request_id: entry.request_id,
            seal: entry.seal,
        }
    }
}

/// An export on its way.
pub struct Export {
    core: Core,
    filter: Option<audit_entries::Filter>,
    format: Format,
    cursor: Cursor,
    head_due: bool,
}

/// Why an export does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBegun {
    /// This person has had as many as an hour allows.
    Later(Timestamp),
    /// A filter means more people than can be looked for.
    TooWide,
}

/// Begins an export.
pub async fn begin(
    core: &Core,
    actor: &Actor,
    query: &Query,
    format: Format,
    origin: &Origin,
) -> Result<Result<Export, NotBegun>, Fault> {
    let now = core.clock.now();
    // Entries of this very moment, and the one about the export itself, are left to the next one.
    let query = Query { until: Some(query.until.map_or(now, |until| until.min(now))), ..query.clone() };
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    core.db
        .write(move |conn| {
            actor.stands(conn)?;
            let key = format!("audit-export:{}", actor.user.id);
            if let Some(until) = throttle::take(conn, &key, AUDIT_EXPORTS, AUDIT_EXPORTS_WITHIN, now)? {
                return Ok(Err(NotBegun::Later(until)));
            }
            let filter = match filter(conn, &actor, &query, now)? {
                Filtered::By(filter) => Some(filter),
                Filtered::Nothing => None,
                Filtered::TooWide(_) => return Ok(Err(NotBegun::TooWide)),
            };
            Entry::new("audit_exported", AuditResult::Success)
                .of(&actor.user.id)
                .in_organization(actor.organization_id())
                .with("format", format.extension())
                .write(conn, &origin, now)?;
            let export = Export { core: context, filter, format, cursor: Cursor::Newest, head_due: true };
            Ok(Ok(export))
        })
        .await
}

impl Export {
    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<String>, Fault> {
        let mut piece = String::new();
        if std::mem::take(&mut self.head_due) && self.format == Format::Csv {
            piece.push_str(&csv::line(HEAD));
        }
        let Some(filter) = self.filter.clone() else {
            return Ok(Some(piece).filter(|piece| !piece.is_empty()));
        };
        let cursor = self.cursor.clone();
        let (entries, older) = self
            .core
            .db
            .read(move |conn| {
                let (rows, older, _) = rows(conn, &filter, &cursor, PIECE)?;
                Ok::<_, Fault>((shown(conn, rows)?, older))
            })
            .await?;
        for entry in entries {
            piece.push_str(&self.line(entry)?);
        }
        match older {
            Some(id) => self.cursor = Cursor::Older(id),
            None => self.filter = None,
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    fn line(&self, shown: Shown) -> Result<String, Fault> {
        match self.format {
            Format::Csv => Ok(csv_line(&shown)),
            Format::JsonLines => {
                let json = serde_json::to_string(&AuditEntryView::from(shown));
                json.map(|line| line + "\n").map_err(|e| Fault::Other(e.to_string()))
            }
        }
    }
}

fn csv_line(shown: &Shown) -> String {
    let entry = &shown.entry;
    let person = |p: &Option<super::Person>| p.clone().map_or_else(Default::default, |p| (p.id, p.username, p.name));
    let (actor_id, actor_username, actor_name) = person(&shown.who);
    let (subject_id, subject_username, subject_name) = person(&shown.about);
    let (at, event) = (rfc3339(entry.at), shown.event());
    let seal = entry.seal.map(|seal| seal.to_string()).unwrap_or_default();
    csv::line([
        entry.id.as_str(),
        &at,
        &event,
        &entry.action,
        entry.result.as_str(),
        &entry.actor_kind,
        &actor_id,
        &actor_username,
        &actor_name,
        &subject_id,
        &subject_username,
        &subject_name,
        entry.organization_id.as_deref().unwrap_or_default(),
        shown.organization.as_deref().unwrap_or_default(),
        &entry.address,
        &entry.user_agent,
        &entry.details,
        &seal,
    ])
}
