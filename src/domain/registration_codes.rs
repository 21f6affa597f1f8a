//! **Registration Codes**: what people type on **Specify Your Organization**. A code works until it
//! expires or is revoked; a rotation makes a new one and lets the old one run out.

use time::Duration;

use super::Core;
use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::limits::{REGISTRATION_CODE_LENGTH, REGISTRATION_CODES_OPEN};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::registration_codes::{self, RegistrationCode};
use crate::models::{AuditResult, new_id};
use crate::secrets::random;

const PER_PAGE: i64 = 50;

/// No letters and digits that are easily taken for one another.
const UNAMBIGUOUS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// How long the old code works on after a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsOut {
    AtOnce,
    InADay,
    InAWeek,
    InAMonth,
}

impl RunsOut {
    pub const ALL: [Self; 4] = [Self::AtOnce, Self::InADay, Self::InAWeek, Self::InAMonth];

    /// The word in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtOnce => "now",
            Self::InADay => "day",
            Self::InAWeek => "week",
            Self::InAMonth => "month",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }

    fn after(self, now: Timestamp) -> Timestamp {
        now + match self {
            Self::AtOnce => Duration::ZERO,
            Self::InADay => Duration::days(1),
            Self::InAWeek => Duration::days(7),
            Self::InAMonth => Duration::days(30),
        }
    }
}

/// How a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Works,
    WorksUntil(Timestamp),
    Expired(Timestamp),
    Revoked(Timestamp),
}

pub fn standing(code: &RegistrationCode, now: Timestamp) -> Standing {
    match (code.revoked_at, code.expires_at) {
        (Some(at), _) => Standing::Revoked(at),
        (None, Some(until)) if until <= now => Standing::Expired(until),
        (None, Some(until)) => Standing::WorksUntil(until),
        (None, None) => Standing::Works,
    }
}

/// One page of codes, newest first.
pub struct Page {
    pub codes: Vec<RegistrationCode>,
    /// The id behind which the next page begins.
    pub older_than: Option<String>,
}

/// The codes of an organization older than `before` (an id), or the newest.
pub async fn list(core: &Core, organization_id: &str, before: Option<String>) -> Result<Page, Fault> {
    let organization_id = organization_id.to_owned();
    core.db
        .read(move |conn| {
            let before = match before {
                Some(id) => registration_codes::find_of(conn, &organization_id, &id)?,
                None => None,
            };
            let mut codes = registration_codes::list(conn, &organization_id, before.as_ref(), PER_PAGE + 1)?;
            let more = codes.len() > PER_PAGE as usize;
            codes.truncate(PER_PAGE as usize);
            let older_than = codes.last().filter(|_| more).map(|code| code.id.clone());
            Ok(Page { codes, older_than })
        })
        .await
}

/// One code of an organization; another's is not found.
pub async fn find(core: &Core, organization_id: &str, id: &str) -> Result<Option<RegistrationCode>, Fault> {
    let (organization_id, id) = (organization_id.to_owned(), id.to_owned());
    core.db.read(move |conn| Ok(registration_codes::find_of(conn, &organization_id, &id)?)).await
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Act {
    Make,
    /// A new one, and the end of this one.
    Rotate {
        id: String,
        runs_out: RunsOut,
    },
    Revoke {
        id: String,
    },
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The organization has no such code.
    NotFound,
    /// It works no longer, or has its end already.
    Ended,
    TooMany,
}

/// Does it, for the organization the administrator is in.
pub async fn act(
    core: &Core,
    actor: &Actor,
    organization_id: &str,
    act: Act,
    origin: &Origin,
) -> Result<Outcome, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let organization_id = organization_id.to_owned();
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let organization = organization_id.as_str();
            if let Act::Rotate { id, .. } | Act::Revoke { id } = &act
                && registration_codes::find_of(conn, organization, id)?.is_none()
            {
                return Ok(Outcome::NotFound);
            }
            let (action, done) = match &act {
                Act::Make => ("registration_code_made", make(conn, organization, now)?),
                Act::Rotate { id, runs_out } => {
                    if *runs_out != RunsOut::AtOnce && is_full(conn, organization, now)? {
                        return Ok(Outcome::TooMany);
                    }
                    match registration_codes::run_out(conn, id, runs_out.after(now))? {
                        true => ("registration_code_rotated", Some(first(conn, organization, now)?)),
                        false => return Ok(Outcome::Ended),
                    }
                }
                Act::Revoke { id } => match registration_codes::revoke(conn, id, now)? {
                    true => ("registration_code_revoked", Some(id.clone())),
                    false => return Ok(Outcome::Ended),
                },
            };
            let Some(id) = done else { return Ok(Outcome::TooMany) };
            let entry = Entry::new(action, AuditResult::Success).by(&actor);
            let entry = match &act {
                Act::Rotate { id: old, runs_out } => {
                    entry.with("old_code_id", old.as_str()).with("old_runs_out", runs_out.word())
                }
                _ => entry,
            };
            entry.in_organization(Some(organization)).with("code_id", id).write(conn, &origin, now)?;
            Ok::<_, Fault>(Outcome::Done)
        })
        .await
}

/// A new code, or `None` where there are too many that work; its id.
fn make(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> Result<Option<String>, Fault> {
    if is_full(conn, organization_id, now)? { Ok(None) } else { first(conn, organization_id, now).map(Some) }
}

fn is_full(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> Result<bool, Fault> {
    Ok(registration_codes::count_open(conn, organization_id, now)? >= REGISTRATION_CODES_OPEN)
}

/// A code for an organization; its id.
pub fn first(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> Result<String, Fault> {
    let row = RegistrationCode {
        id: new_id(now),
        organization_id: organization_id.to_owned(),
        code: draw(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        uses: 0,
    };
    registration_codes::insert(conn, &row)?;
    Ok(row.id)
}

/// A code as it was drawn, from what somebody typed: codes are read out on the phone, and hold no small letters.
pub fn normalize(typed: &str) -> String {
    typed.trim().to_ascii_uppercase()
}

/// Ten letters and digits, 49 bits: enough behind throttles that let nobody guess quickly.
pub fn draw() -> String {
    random::string(UNAMBIGUOUS, REGISTRATION_CODE_LENGTH).expose().clone()
}
