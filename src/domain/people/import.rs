//! Importing people from a file: looked through first, row by row, then a job. Nobody's password can
//! be in it: each gets an invitation. ASVS 5.2.1, 5.2.2, 6.4.6.

use std::collections::HashMap;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::By;
use super::invite::{self, Added, Newcomer};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::csv_file::{self, BadRow, Unreadable};
use crate::domain::jobs::act::Outcome;
use crate::domain::jobs::{self, Created, NewItem, NewJob};
use crate::domain::limits::{CSV_CELL_BYTES, CSV_ERRORS};
use crate::domain::registration::details::Details;
use crate::models::job_items::JobItem;
use crate::models::organizations::Organization;
use crate::models::users::fold;
use crate::models::{JobKind, Role, memberships, users};
use crate::secrets::key_ring::sha256;

/// Column, whether it must be there, what it holds.
pub const COLUMNS: [(&str, bool, &str); 12] = [
    ("email", true, "The address the invitation goes to, and the sign-in name"),
    ("username", true, "3 to 64 letters, numbers, dots and dashes; nobody else's"),
    ("first_name", true, "Given name"),
    ("last_name", true, "Family name"),
    (
        "role",
        false,
        "member, admin or owner; member where it is left empty. Only account holders may give another role",
    ),
    ("phone", false, "A contact number with its area code; it is no factor"),
    ("fax", false, "A fax number with its area code"),
    ("address_1", false, "Street and number"),
    ("address_2", false, "Suite, floor or department"),
    ("city", false, "City"),
    ("state", false, "State"),
    ("zip_code", false, "ZIP code"),
];

/// One person of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub email: String,
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub role: String,
    pub phone: String,
    pub fax: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub zip_code: String,
}

impl Person {
    fn field(&mut self, column: &str) -> Option<&mut String> {
        Some(match column {
            "email" => &mut self.email,
            "username" => &mut self.username,
            "first_name" => &mut self.first_name,
            "last_name" => &mut self.last_name,
            "role" => &mut self.role,
            "phone" => &mut self.phone,
            "fax" => &mut self.fax,
            "address_1" => &mut self.address_1,
            "address_2" => &mut self.address_2,
            "city" => &mut self.city,
            "state" => &mut self.state,
            "zip_code" => &mut self.zip_code,
            _ => return None,
        })
    }

    /// `None` for a role that is none.
    fn newcomer(&self) -> Option<Newcomer> {
        let of = self.clone();
        let role = match fold(&of.role).as_str() {
            "" => Role::Member,
            word => Role::parse(word)?,
        };
        let details = Details {
            username: of.username,
            first_name: of.first_name,
            last_name: of.last_name,
            address_1: of.address_1,
            address_2: of.address_2,
            city: of.city,
            state: of.state,
            zip_code: of.zip_code,
            confirm_email: of.email.clone(),
            email: of.email,
            phone: of.phone,
            fax: of.fax,
        };
        Some(Newcomer { details: details.trimmed(), role })
    }

    fn label(&self) -> String {
        let name = format!("{} {}", self.first_name.trim(), self.last_name.trim());
        format!("{} ({})", name.trim(), self.email.trim()).chars().take(300).collect()
    }
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// As a spreadsheet counts, the head being row 1.
    pub row: usize,
    pub column: String,
    pub text: String,
}

/// A file that was looked through.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Those who can be added, in the order of the file.
    pub people: Vec<Person>,
    /// Who belongs to the organization already, by row.
    pub here_already: Vec<(usize, String)>,
    /// At most `limits::CSV_ERRORS`.
    pub errors: Vec<RowError>,
    /// Whether there are more than those.
    pub more_errors: bool,
}

impl Report {
    fn error(&mut self, row: usize, column: &str, text: impl Into<String>) {
        if self.errors.len() < CSV_ERRORS {
            self.errors.push(RowError { row, column: column.to_owned(), text: text.into() });
        } else {
            self.more_errors = true;
        }
    }
}

/// Looks a file through; changes nothing. `Err` when nothing of it can be read.
pub async fn look_through(
    core: &Core,
    organization: &Organization,
    may_give_roles: bool,
    bytes: &[u8],
) -> Result<Result<Report, String>, Fault> {
    let rows = match rows(bytes) {
        Ok(rows) => rows,
        Err(why) => return Ok(Err(why)),
    };
    let organization = organization.clone();
    core.db.read(move |conn| judge(conn, &organization, may_give_roles, rows).map(Ok)).await
}

/// A row of a file with its number.
type NumberedRow = (usize, Result<Person, RowError>);

/// The rows of a file below its head, each with its number.
fn rows(bytes: &[u8]) -> Result<Vec<NumberedRow>, String> {
    let mut rows = csv_file::read(bytes).map_err(|why| why.words().to_owned())?.into_iter();
    let head = rows.next().and_then(|row| row.cells.ok()).ok_or_else(|| Unreadable::Empty.words().to_owned())?;
    let head: Vec<String> = head.iter().map(|cell| fold(cell)).collect();
    for (index, column) in head.iter().enumerate() {
        if !COLUMNS.iter().any(|(name, ..)| name == column) {
            let shown: String = column.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(format!("Row 1: there is no column “{shown}”. Use the columns that are listed below."));
        }
        if head[..index].contains(column) {
            return Err(format!("Row 1: the column “{column}” is there twice."));
        }
    }
    if let Some((missing, ..)) = COLUMNS.iter().find(|(name, must, _)| *must && !head.iter().any(|c| c == name)) {
        return Err(format!("Row 1: the column “{missing}” is missing."));
    }
    let read: Vec<_> = rows.map(|row| (row.number, person(&head, &row))).collect();
    if read.is_empty() { Err("There is nobody in this file below its first row.".into()) } else { Ok(read) }
}

fn person(head: &[String], row: &csv_file::Row) -> Result<Person, RowError> {
    let bad = |text: String| RowError { row: row.number, column: String::new(), text };
    let cells = row.cells.as_ref().map_err(|why| {
        bad(match why {
            BadRow::Quotes => "The quotes of this row do not match.".into(),
            BadRow::CellTooLong => format!("A cell is longer than {} KiB.", CSV_CELL_BYTES / 1024),
        })
    })?;
    if cells.len() > head.len() {
        return Err(bad("There are more cells than columns.".into()));
    }
    let mut person = Person::default();
    for (column, cell) in head.iter().zip(cells) {
        if let Some(field) = person.field(column) {
            *field = cell.trim().to_owned();
        }
    }
    Ok(person)
}

/// What the fields, the other rows and the people there are say about each.
fn judge(
    conn: &mut DbConnection,
    organization: &Organization,
    may_give_roles: bool,
    rows: Vec<NumberedRow>,
) -> Result<Report, Fault> {
    let mut report = Report::default();
    let (mut emails, mut usernames) = (HashMap::new(), HashMap::new());
    for (number, read) in rows {
        let person = match read {
            Ok(person) => person,
            Err(error) => {
                report.error(error.row, "", error.text);
                continue;
            }
        };
        let Some(newcomer) = person.newcomer() else {
            report.error(number, "role", "Use member, admin or owner.");
            continue;
        };
        let mut wrong = invite::problems(&newcomer);
        if newcomer.role > Role::Member && !may_give_roles {
            wrong.push(("role", "Only an account holder may give another role than member.".into()));
        }
        for (seen, what, text) in
            [(&mut emails, "email", &newcomer.details.email), (&mut usernames, "username", &newcomer.details.username)]
        {
            if let Some(first) = seen.insert(fold(text), number)
                && !text.is_empty()
            {
                wrong.push((what, format!("The same as in row {first}.")));
            }
        }
        if wrong.is_empty() {
            let account = users::find_by_email(conn, &newcomer.details.email)?;
            if let Some(user) = account
                && memberships::find(conn, &user.id, &organization.id)?.is_some()
            {
                report.here_already.push((number, person.label()));
                continue;
            }
            if users::find_by_username(conn, &newcomer.details.username)?.is_some() {
                wrong.push(("username", "This username is taken.".into()));
            }
        }
        if wrong.is_empty() {
            report.people.push(person);
        }
        for (column, text) in wrong {
            report.error(number, column, text);
        }
    }
    Ok(report)
}

/// The file as it goes through the page between looking and doing: sealed, so that it comes back as it
/// was looked through, by the same person, for the same organization.
pub fn seal(core: &Core, actor: &Actor, organization: &Organization, bytes: &[u8]) -> Result<String, Fault> {
    let sealed = core.keys.seal(&place(actor, organization), bytes)?;
    Ok(format!("{}.{}", sealed.key_id, BASE64URL_NOPAD.encode(&sealed.bytes)))
}

fn place(actor: &Actor, organization: &Organization) -> String {
    format!("people_import:{}:{}", organization.id, actor.user.id)
}

/// What came of starting an import.
pub enum Started {
    Job(Created),
    /// The file does not open, or not all of its rows are good any more.
    Again,
}

/// Makes a job of a file that was looked through. The same post twice is one job.
pub async fn start(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    sealed: &str,
    origin: &Origin,
) -> Result<Started, Fault> {
    let Some(bytes) = open(core, actor, organization, sealed) else { return Ok(Started::Again) };
    let report = look_through(core, organization, actor.is_owner(), &bytes).await?;
    let rows = match rows(&bytes) {
        Ok(rows) => rows,
        Err(_) => return Ok(Started::Again),
    };
    if !report.is_ok_and(|report| report.errors.is_empty()) {
        // Unless this post has made its job before, and its people are there by now.
        let people: Vec<Person> = rows.into_iter().filter_map(|(_, read)| read.ok()).collect();
        return match jobs::find_made(core, actor, &job(organization, people, sealed)?).await? {
            Some(id) => Ok(Started::Job(Created::Job(id))),
            None => Ok(Started::Again),
        };
    }
    // Everybody in the file: who is here already by then is skipped, and said so.
    let people = rows.into_iter().filter_map(|(_, read)| read.ok()).collect();
    jobs::create(core, actor, job(organization, people, sealed)?, origin).await.map(Started::Job)
}

fn open(core: &Core, actor: &Actor, organization: &Organization, sealed: &str) -> Option<Vec<u8>> {
    let (key_id, text) = sealed.rsplit_once('.')?;
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    core.keys.open(&place(actor, organization), key_id, &bytes).ok().map(|plain| plain.to_vec())
}

fn job(organization: &Organization, people: Vec<Person>, sealed: &str) -> Result<NewJob, Fault> {
    let mut items = Vec::new();
    for person in people {
        let payload = serde_json::to_string(&person).map_err(|e| Fault::Other(e.to_string()))?;
        items.push(NewItem { subject_id: None, label: person.label(), payload: Some(payload) });
    }
    Ok(NewJob {
        kind: JobKind::Import,
        title: format!("Import users into {}", organization.name),
        parameters: json!({}),
        items,
        // A file looked through twice is sealed differently each time.
        nonce: data_encoding::HEXLOWER.encode(&sha256(sealed)),
    })
}

/// One person of an import's job.
pub fn act(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    item: &JobItem,
    origin: &Origin,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let person: Option<Person> = item.payload.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let Some((organization, newcomer)) = actor.organization.clone().zip(person.and_then(|p| p.newcomer())) else {
        return Ok(Outcome::failed("The row cannot be read any more."));
    };
    one(conn, core, Some(actor), &organization, &newcomer, origin, now)
}

/// One person, by an administrator or, without one, the command line.
pub fn one(
    conn: &mut DbConnection,
    core: &Core,
    actor: Option<&Actor>,
    organization: &Organization,
    newcomer: &Newcomer,
    origin: &Origin,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    if newcomer.role > Role::Member && actor.is_some_and(|actor| !actor.is_owner()) {
        return Ok(Outcome::failed("Only an account holder may give another role than member."));
    }
    let problems = invite::problems(newcomer);
    if let Some((field, text)) = problems.first() {
        return Ok(Outcome::failed(format!("{field}: {text}")));
    }
    let by = actor.map_or(By::CommandLine, By::Admin);
    Ok(match invite::add_in(conn, core, by, organization, newcomer, origin, now)? {
        Added::Invited { user_id, .. } => Outcome::succeeded(Some(user_id)),
        Added::AlreadyHere => Outcome::skipped("Belongs to the organization already."),
        Added::Problems(problems) => {
            let words: Vec<String> = problems.iter().map(|(field, text)| format!("{field}: {text}")).collect();
            Outcome::failed(words.join(" "))
        }
    })
}

/// The people of a report, for the command line, which adds them one after the other.
pub async fn add_all(core: &Core, organization: &Organization, people: &[Person]) -> Result<Vec<Outcome>, Fault> {
    let mut outcomes = Vec::new();
    for person in people {
        let (context, organization, newcomer) = (core.clone(), organization.clone(), person.newcomer());
        let Some(newcomer) = newcomer else { continue };
        let one = move |conn: &mut DbConnection| {
            let now = context.clock.now();
            one(conn, &context, None, &organization, &newcomer, &super::command_line(), now)
        };
        outcomes.push(core.db.write(one).await?);
    }
    core.outbox.notify_one();
    Ok(outcomes)
}
