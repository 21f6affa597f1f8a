//! Reading the audit log: what somebody may see of it, filters, pages, exports. SPEC section 10.

pub mod export;

use std::collections::HashMap;

use super::administration::Actor;
use super::directory::{self, Rest, Within};
use super::limits::{AUDIT_PAGE, DIRECTORY_BATCH};
use super::{Core, audit_words};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::audit_entries::{self, AuditEntry, Filter};
use crate::models::{AuditResult, id_floor, organizations, users};

/// People of one name that a filter takes into account.
const NAMESAKES: i64 = 100;

/// What is looked for. Empty fields ask nothing.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Name, username, e-mail address or id of who acted.
    pub who: Option<String>,
    /// The same of whom it is about.
    pub about: Option<String>,
    pub actions: Option<Vec<String>>,
    pub result: Option<AuditResult>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub until: Option<Timestamp>,
    /// For operators alone: everybody else sees the organization they act in.
    pub organization_id: Option<String>,
}

/// Which part of the list.
#[derive(Clone, Debug, Default)]
pub enum Cursor {
    #[default]
    Newest,
    /// What comes before this id.
    Older(String),
    /// What comes after it.
    Newer(String),
}

/// An entry with the names of those in it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub entry: AuditEntry,
    /// Name and username; an account that is gone has only its id.
    pub who: Option<Person>,
    pub about: Option<Person>,
    pub organization: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub username: String,
}

/// A page, newest first, and where the pages beside it begin.
pub struct Page {
    pub entries: Vec<Shown>,
    pub older: Option<String>,
    pub newer: Option<String>,
    /// A field that means more people than can be looked for.
    pub too_wide: Option<&'static str>,
}

/// What a query comes to.
enum Filtered {
    By(Filter),
    /// Nothing can fit.
    Nothing,
    /// This field means too many people.
    TooWide(&'static str),
}

/// One page of what this person may see.
pub async fn page(
    core: &Core,
    actor: &Actor,
    query: &Query,
    cursor: &Cursor,
    limit: Option<i64>,
) -> Result<Page, Fault> {
    let (actor, query, cursor, limit) = (actor.clone(), query.clone(), cursor.clone(), limit.unwrap_or(AUDIT_PAGE));
    let now = core.clock.now();
    core.db
        .read(move |conn| {
            let empty = |too_wide| Page { entries: Vec::new(), older: None, newer: None, too_wide };
            let filter = match filter(conn, &actor, &query, now)? {
                Filtered::By(filter) => filter,
                Filtered::Nothing => return Ok(empty(None)),
                Filtered::TooWide(field) => return Ok(empty(Some(field))),
            };
            let (rows, older, newer) = rows(conn, &filter, &cursor, limit)?;
            Ok(Page { entries: shown(conn, rows)?, older, newer, too_wide: None })
        })
        .await
}

/// One entry; `None` for one of another organization, as for an unknown one.
pub async fn find(core: &Core, actor: &Actor, id: &str) -> Result<Option<Shown>, Fault> {
    let (actor, id) = (actor.clone(), id.to_owned());
    core.db
        .read(move |conn| {
            let row = audit_entries::find(conn, &id)?.filter(|row| may_see(&actor, row));
            Ok(shown(conn, row.into_iter().collect())?.pop())
        })
        .await
}

fn may_see(actor: &Actor, row: &AuditEntry) -> bool {
    actor.is_operator() || (row.organization_id.is_some() && row.organization_id.as_deref() == actor.organization_id())
}

/// The filter for the database.
fn filter(conn: &mut DbConnection, actor: &Actor, query: &Query, now: Timestamp) -> Result<Filtered, Fault> {
    let organization_id = match actor.is_operator() {
        true => query.organization_id.clone(),
        false => match actor.organization_id() {
            Some(id) => Some(id.to_owned()),
            None => return Ok(Filtered::Nothing),
        },
    };
    let within = organization_id.clone().map_or(Within::Everywhere, |id| Within::Organizations(vec![id]));
    let mut ids = [None, None];
    for (place, (field, text)) in [("who", &query.who), ("about", &query.about)].into_iter().enumerate() {
        let Some(text) = text else { continue };
        match people(conn, text, &within, now)? {
            None => return Ok(Filtered::TooWide(field)),
            Some(found) if found.is_empty() => return Ok(Filtered::Nothing),
            found => ids[place] = found,
        }
    }
    let [actor_ids, subject_ids] = ids;
    Ok(Filtered::By(Filter {
        organization_id,
        actor_ids,
        subject_ids,
        actions: query.actions.clone(),
        result: query.result,
        from_id: query.from.map(id_floor),
        below_id: query.until.map(id_floor),
    }))
}

/// The ids of those a text may mean: the organization's people as every list finds them, and others who
/// acted here by their exact name; `None` when they are too many.
fn people(conn: &mut DbConnection, text: &str, within: &Within, now: Timestamp) -> Result<Option<Vec<String>>, Fault> {
    let text = text.trim();
    let search = text.to_owned();
    let query = directory::Query { search, limit: DIRECTORY_BATCH, ..directory::Query::within(within.clone()) };
    let page = directory::find(conn, &query, now)?;
    if page.rest != Rest::End {
        return Ok(None);
    }
    let exact = [users::find(conn, text)?, users::find_by_username(conn, text)?, users::find_by_email(conn, text)?];
    let mut ids: Vec<String> = exact.into_iter().flatten().map(|user| user.id).collect();
    ids.extend(users::ids_named(conn, text, NAMESAKES)?);
    ids.extend(page.rows.into_iter().map(|row| row.user.id));
    ids.sort();
    ids.dedup();
    Ok(Some(ids))
}

type Rows = (Vec<AuditEntry>, Option<String>, Option<String>);

fn rows(conn: &mut DbConnection, filter: &Filter, cursor: &Cursor, limit: i64) -> Result<Rows, Fault> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows = match cursor {
        Cursor::Newest => audit_entries::list_older(conn, filter, None, limit + 1)?,
        Cursor::Older(id) => audit_entries::list_older(conn, filter, Some(id), limit + 1)?,
        Cursor::Newer(id) => audit_entries::list_newer(conn, filter, id, limit + 1)?,
    };
    let more = rows.len() > most;
    rows.truncate(most);
    let backwards = matches!(cursor, Cursor::Newer(_));
    if backwards {
        rows.reverse();
    }
    let first = rows.first().map(|row| row.id.clone());
    let last = rows.last().map(|row| row.id.clone());
    Ok(match cursor {
        Cursor::Newest => (rows, last.filter(|_| more), None),
        Cursor::Older(_) => (rows, last.filter(|_| more), first),
        Cursor::Newer(_) => (rows, last, first.filter(|_| more)),
    })
}

fn shown(conn: &mut DbConnection, rows: Vec<AuditEntry>) -> Result<Vec<Shown>, Fault> {
    let mut ids: Vec<String> =
        rows.iter().flat_map(|row| [&row.actor_id, &row.subject_user_id]).flatten().cloned().collect();
    ids.sort();
    ids.dedup();
    let people: HashMap<String, Person> = users::of_ids(conn, &ids)?
        .into_iter()
        .map(|u| (u.id.clone(), Person { name: u.full_name(), username: u.username, id: u.id }))
        .collect();
    let mut ids: Vec<String> = rows.iter().filter_map(|row| row.organization_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let mut names = HashMap::new();
    for id in ids {
        if let Some(organization) = organizations::find(conn, &id)? {
            names.insert(id, organization.name);
        }
    }
    let person = |id: &Option<String>| {
        let id = id.as_ref()?;
        let gone = || Person { id: id.clone(), name: id.clone(), username: String::new() };
        Some(people.get(id).cloned().unwrap_or_else(gone))
    };
    Ok(rows
        .into_iter()
        .map(|entry| Shown {
            who: person(&entry.actor_id),
            about: person(&entry.subject_user_id),
            organization: entry.organization_id.as_ref().and_then(|id| names.get(id).cloned()),
            entry,
        })
        .collect())
}

impl Shown {
    /// What happened, in words.
    pub fn event(&self) -> String {
        audit_words::event_of(&self.entry)
    }
}
