//! The inventory as a table for spreadsheets, without secrets. ASVS 1.2.10, 14.2.6.

use super::{PER_PAGE, Query, Shown, page};
use crate::db::Fault;
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::TOKENS_EXPORTED;
use crate::domain::{Core, csv};
use crate::models::AuditResult;

const HEAD: [&str; 11] = [
    "serial number",
    "state",
    "username",
    "e-mail",
    "manufacturer",
    "model",
    "time interval",
    "algorithm",
    "imported at (UTC)",
    "last used at (UTC)",
    "lost at (UTC)",
];

/// The tokens that are looked for, as CSV; `None` where there are more than one file takes.
pub async fn csv(
    core: &Core,
    actor: &Actor,
    organization_id: &str,
    query: Query,
    origin: &Origin,
) -> Result<Option<String>, Fault> {
    let (context, actor, organization_id, origin) =
        (core.clone(), actor.clone(), organization_id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            actor.stands(conn)?;
            let (mut text, mut count, mut query) = (csv::line(HEAD), 0, query);
            loop {
                let found = page(conn, &organization_id, &query, PER_PAGE * 10)?;
                count += found.tokens.len();
                if count > TOKENS_EXPORTED {
                    return Ok(None);
                }
                found.tokens.iter().for_each(|shown| text.push_str(&line(shown)));
                match found.next {
                    Some(after) => query.after = after,
                    None => break,
                }
            }
            Entry::new("hardware_tokens_exported", AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&organization_id))
                .with("tokens", count)
                .write(conn, &origin, context.clock.now())?;
            Ok(Some(text))
        })
        .await
}

fn line(shown: &Shown) -> String {
    let token = &shown.token;
    let (username, email) = shown.holder.as_ref().map_or(("", ""), |user| (&user.username, &user.email));
    let time = |at: Option<crate::clock::Timestamp>| at.map(crate::domain::times::rfc3339).unwrap_or_default();
    csv::line([
        token.serial.as_str(),
        shown.state.word(),
        username,
        email,
        &token.manufacturer,
        &token.model,
        &token.period.to_string(),
        &token.algorithm,
        &time(Some(token.created_at)),
        &time(shown.last_used_at),
        &time(token.lost_at),
    ])
}
