//! **Invitations** that nobody has followed yet: sent again, withdrawn.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{organization, words};
use crate::domain::access::role_words;
use crate::domain::people::invitations;
use crate::error::AppError;
use crate::models::invitations::Invitation;
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

const HERE: &str = "/admin/invitations";

/// GET /admin/invitations. Posts to /admin/invitations/{id}/send and /withdraw.
#[derive(Template, Default)]
#[template(path = "admin/people/invitations.html")]
pub struct InvitationsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub organization: String,
    pub invitations: Vec<Line>,
    pub older: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    /// Not until when it counts: that differs for who has an account, which nobody learns here.
    pub sent: String,
}

#[derive(serde::Deserialize)]
pub struct Paging {
    before: Option<String>,
}

/// GET /admin/invitations.
pub async fn list(admin: OrgAdmin, paging: web::Query<Paging>) -> Result<HttpResponse, AppError> {
    page(&of(&admin, paging.into_inner().before, FormErrors::default()).await?)
}

async fn of(admin: &OrgAdmin, before: Option<String>, errors: FormErrors) -> Result<InvitationsPage, AppError> {
    let core = &admin.visitor.app.core;
    let organization = organization(admin)?;
    let found = invitations::list(core, &organization.id, before).await?;
    Ok(InvitationsPage {
        frame: admin.frame("/admin/users"),
        errors,
        organization: organization.name.clone(),
        invitations: found.invitations.into_iter().map(|row| line(admin, row)).collect(),
        older: found.older_than.map(|id| format!("{HERE}?before={id}")),
    })
}

fn line(admin: &OrgAdmin, row: Invitation) -> Line {
    let (zone, now) = (admin.zone(), admin.visitor.app.core.clock.now());
    Line {
        id: row.id,
        name: format!("{} {}", row.first_name, row.last_name),
        email: row.email,
        role: role_words(row.role),
        sent: zone.day_and_time(row.sent_at, now),
    }
}

/// POST /admin/invitations/{id}/send.
pub async fn send(admin: FreshOrgAdmin, id: web::Path<String>, _: OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    let organization = organization(&admin)?;
    let sent = invitations::resend(&visitor.app.core, &admin.actor, organization, &id, &visitor.origin).await?;
    let why = match sent {
        Ok(true) => {
            visitor.flash(Said::Invited);
            return Ok(see_other(HERE));
        }
        Ok(false) => "Several went to this address within the hour. Wait a while before you send another one.".into(),
        Err(refusal) => words(&refusal)?,
    };
    page(&of(&admin, None, FormErrors::one("", why)).await?)
}

/// POST /admin/invitations/{id}/withdraw.
pub async fn withdraw(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    let organization = organization(&admin)?;
    match invitations::withdraw(&visitor.app.core, &admin.actor, organization, &id, &visitor.origin).await? {
        Ok(()) => {
            visitor.flash(Said::InvitationWithdrawn);
            Ok(see_other(HERE))
        }
        Err(refusal) => page(&of(&admin, None, FormErrors::one("", words(&refusal)?)).await?),
    }
}

/// POST /admin/users/{id}/invite: sends the link again to somebody whose registration is not finished.
pub async fn send_to(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    match invitations::resend_to(&visitor.app.core, &admin.actor, &id, &visitor.origin).await? {
        Ok(true) => {
            visitor.flash(Said::Invited);
            Ok(see_other(&format!("/admin/users/{id}/profile")))
        }
        Ok(false) => Err(AppError::TooMany { retry_after_seconds: 3_600 }),
        Err(refusal) => {
            words(&refusal)?;
            Err(AppError::Conflict("This account cannot be invited again here."))
        }
    }
}
