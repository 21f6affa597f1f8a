//! The people of an organization as a table for a spreadsheet: no secrets, and no cell that a
//! spreadsheet would take for a formula. ASVS 1.2.10.

use super::entry_of_organization;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::Origin;
use crate::domain::directory::{self, Query, Rest, Row, Within};
use crate::domain::limits::{DIRECTORY_BATCH, PEOPLE_EXPORTED};
use crate::domain::times::rfc3339;
use crate::domain::{Core, csv};
use crate::models::organizations::Organization;

/// The head of the table.
const HEAD: [&str; 11] = [
    "user_id",
    "username",
    "email",
    "first_name",
    "last_name",
    "role",
    "account",
    "mfa_status",
    "last_sign_in",
    "member_since",
    "managed_here",
];

/// The table, with an entry in the audit log.
pub async fn table(core: &Core, actor: &Actor, organization: &Organization, origin: &Origin) -> Result<String, Fault> {
    let (reader, now) = (organization.clone(), core.clock.now());
    let (table, people) = core
        .db
        .read(move |conn| {
            let mut query = Query::within(Within::Organizations(vec![reader.id.clone()]));
            query.limit = DIRECTORY_BATCH;
            let (mut table, mut people) = (csv::line(HEAD), 0);
            loop {
                let page = directory::find(conn, &query, now)?;
                people += page.rows.len();
                page.rows.iter().for_each(|row| table.push_str(&line(row)));
                match page.rest {
                    Rest::Next(cursor) | Rest::Continue(cursor) if people < PEOPLE_EXPORTED => {
                        query.after = Some(cursor);
                    }
                    _ => return Ok::<_, Fault>((table, people)),
                }
            }
        })
        .await?;
    let (context, actor, organization, origin) = (core.clone(), actor.clone(), organization.id.clone(), origin.clone());
    core.db
        .write(move |conn: &mut DbConnection| {
            actor.stands(conn)?;
            entry_of_organization("people_exported", &actor, &organization)
                .with("people", people)
                .write(conn, &origin, context.clock.now())
                .map_err(Fault::from)
        })
        .await?;
    Ok(table)
}

fn line(row: &Row) -> String {
    let at = |at: Option<crate::clock::Timestamp>| at.map(rfc3339).unwrap_or_default();
    let (status, last, since) = (row.status.word(), at(row.user.last_sign_in_at), at(Some(row.membership.created_at)));
    let managed = row.user.managing_organization_id.as_deref() == Some(&row.organization.id);
    csv::line([
        row.user.id.as_str(),
        &row.user.username,
        &row.user.email,
        &row.user.first_name,
        &row.user.last_name,
        row.membership.role.as_str(),
        row.user.account.as_str(),
        &status,
        &last,
        &since,
        if managed { "yes" } else { "no" },
    ])
}
