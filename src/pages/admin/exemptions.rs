//! Exemptions, a section of **Practice Security Settings**.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::security::{PLACE, SecurityPage, current, organization};
use crate::clock::{self, Timestamp};
use crate::domain::limits::{EXEMPTION_REASON_LENGTH, LIST_PAGE};
use crate::domain::security_settings::exemptions::{self, Problem};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::web::administration::{FreshOrgOwner, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::FormErrors;
use crate::web::visitor::Said;

/// A row of the list.
#[derive(Clone, Debug)]
pub struct ExemptionRow {
    /// Of the membership.
    pub id: String,
    pub name: String,
    pub username: String,
    pub reason: String,
    /// The last day.
    pub until: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptionForm {
    pub username: String,
    pub reason: String,
    pub last_day: String,
}

/// A page of the list, and the query of the next one.
pub async fn rows(admin: &OrgAdmin, after: Option<&str>) -> Result<(Vec<ExemptionRow>, Option<String>), AppError> {
    let organization = organization(admin)?;
    let zone = Zone::named(&organization.time_zone);
    let mut found = exemptions::list(&admin.visitor.app.core, &organization.id, after.and_then(cursor)).await?;
    let size = usize::try_from(LIST_PAGE).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).and_then(|(m, _)| Some((m.exempt_until?, m.id.clone())));
    let row = |(membership, user): (crate::models::memberships::Membership, crate::models::users::User)| ExemptionRow {
        id: membership.id,
        name: user.full_name(),
        username: user.username,
        reason: membership.exempt_reason.unwrap_or_default(),
        until: membership.exempt_until.map(|until| zone.date(until - time::Duration::SECOND)).unwrap_or_default(),
    };
    let next = last.map(|(until, id)| format!("after={}.{id}", clock::micros(until)));
    Ok((found.into_iter().map(row).collect(), next))
}

fn cursor(text: &str) -> Option<(Timestamp, String)> {
    let (micros, id) = text.split_once('.')?;
    Some((clock::from_micros(micros.parse().ok()?)?, id.to_owned()))
}

/// POST /admin/security/exemptions: `username`, `reason`, `last_day`.
pub async fn add(owner: FreshOrgOwner, OrgForm(form): OrgForm<ExemptionForm>) -> Result<HttpResponse, AppError> {
    organization(&owner)?;
    let ExemptionForm { username, reason, last_day } = form.clone();
    let typed = exemptions::Typed { username, reason, last_day };
    let added = exemptions::add(&owner.visitor.app.core, &owner.actor, typed, &owner.visitor.origin).await?;
    let Err(problems) = added else {
        owner.visitor.flash(Said::ExemptionSet);
        return Ok(see_other(PLACE));
    };
    let mut errors = FormErrors::default();
    for problem in problems {
        match problem {
            Problem::Nobody => errors.add("username", "No user of this organization has that username."),
            Problem::Reason => {
                errors.add("reason", format!("Enter a reason of at most {EXEMPTION_REASON_LENGTH} characters."));
            }
            Problem::Day => errors.add("last_day", "Enter a day from today on, within a year, like 2026-11-30."),
        }
    }
    page(&SecurityPage { errors, exemption: form, ..current(&owner, None).await? })
}

/// POST /admin/security/exemptions/{id}/remove.
pub async fn remove(
    owner: FreshOrgOwner,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    organization(&owner)?;
    if !exemptions::remove(&owner.visitor.app.core, &owner.actor, &id, &owner.visitor.origin).await? {
        return Err(AppError::NotFound);
    }
    owner.visitor.flash(Said::ExemptionEnded);
    Ok(see_other(PLACE))
}
