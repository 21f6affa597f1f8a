//! **Applications**: the links an organization shows on Home.

use url::Url;

use super::Core;
use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::limits::{APPLICATION_LINKS, APPLICATION_TEXT_LENGTH, APPLICATION_URL_LENGTH};
use crate::db::{DbConnection, Fault};
use crate::models::organizations::{self, Application};
use crate::models::{AuditResult, new_id};

/// The links of an organization, in its order.
pub async fn list(core: &Core, organization_id: &str) -> Result<Vec<Application>, Fault> {
    let id = organization_id.to_owned();
    core.db.read(move |conn| Ok(organizations::applications(conn, &id)?)).await
}

/// What is typed about a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub url: String,
    pub description: String,
    /// The place in the list, from 1.
    pub position: String,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NoName,
    NameTooLong,
    DescriptionTooLong,
    /// Not an address that begins with https://.
    Url,
    Position,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    Done,
    NotFound,
    /// There are as many as Home shows.
    TooMany,
    Problems(Vec<Problem>),
}

/// Adds a link, or changes the one with this id.
pub async fn save(
    core: &Core,
    (actor, organization_id): (&Actor, &str),
    id: Option<&str>,
    details: &Details,
    origin: &Origin,
) -> Result<Saved, Fault> {
    let row = match checked(organization_id, details) {
        Ok(row) => row,
        Err(problems) => return Ok(Saved::Problems(problems)),
    };
    let (context, actor, origin, id) = (core.clone(), actor.clone(), origin.clone(), id.map(str::to_owned));
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            let now = context.clock.now();
            let row = Application { id: id.clone().unwrap_or_else(|| new_id(now)), ..row };
            let action = match &id {
                Some(_) if !organizations::change_application(conn, &row)? => return Ok(Saved::NotFound),
                Some(_) => "application_changed",
                None if is_full(conn, &row.organization_id)? => return Ok(Saved::TooMany),
                None => {
                    organizations::insert_application(conn, &row)?;
                    "application_added"
                }
            };
            Entry::new(action, AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&row.organization_id))
                .with("name", row.name.as_str())
                .with("url", row.url.as_str())
                .write(conn, &origin, now)?;
            Ok::<_, Fault>(Saved::Done)
        })
        .await
}

/// Home shows no more; one beyond it at the same moment does no harm.
fn is_full(conn: &mut DbConnection, organization_id: &str) -> Result<bool, Fault> {
    Ok(organizations::applications(conn, organization_id)?.len() >= APPLICATION_LINKS)
}

/// Removes a link; `false` when there is none.
pub async fn remove(
    core: &Core,
    (actor, organization_id): (&Actor, &str),
    id: &str,
    origin: &Origin,
) -> Result<bool, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let (organization_id, id) = (organization_id.to_owned(), id.to_owned());
    core.db
        .write(move |conn| {
            actor.hold(conn)?;
            if !organizations::delete_application(conn, &organization_id, &id)? {
                return Ok(false);
            }
            Entry::new("application_removed", AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&organization_id))
                .with("application_id", id)
                .write(conn, &origin, context.clock.now())?;
            Ok::<_, Fault>(true)
        })
        .await
}

/// The row for what was typed, without its id.
fn checked(organization_id: &str, details: &Details) -> Result<Application, Vec<Problem>> {
    let mut problems = Vec::new();
    let (name, description) = (line(&details.name), line(&details.description));
    match name.chars().count() {
        0 => problems.push(Problem::NoName),
        n if n > APPLICATION_TEXT_LENGTH => problems.push(Problem::NameTooLong),
        _ => {}
    }
    if description.chars().count() > APPLICATION_TEXT_LENGTH {
        problems.push(Problem::DescriptionTooLong);
    }
    let url = address(&details.url);
    if url.is_none() {
        problems.push(Problem::Url);
    }
    let position = details.position.trim().parse().ok().filter(|place| (1..=999).contains(place));
    if position.is_none() {
        problems.push(Problem::Position);
    }
    match (url, position) {
        (Some(url), Some(position)) if problems.is_empty() => Ok(Application {
            id: String::new(),
            organization_id: organization_id.to_owned(),
            name,
            url,
            description,
            position,
        }),
        _ => Err(problems),
    }
}

/// One line without what cannot be seen.
fn line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// An https address with a host, and without a name and password in it.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let text = url.to_string();
    (plain && url.host_str().is_some() && text.len() <= APPLICATION_URL_LENGTH).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 1.2.2.
    #[test]
    fn an_address_is_https_and_nothing_else() {
        assert_eq!(address(" https://claims.example.org ").as_deref(), Some("https://claims.example.org/"));
        assert_eq!(address("https://x.example/a?b=c").as_deref(), Some("https://x.example/a?b=c"));
        let long = format!("https://x.example/{}", "a".repeat(2_000));
        for bad in ["", "http://x.example", "javascript:alert(1)", "//x.example", "https://u:p@x.example", &long] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
