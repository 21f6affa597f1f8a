//! **Registration Codes**: what people register with, how often each was used, and their ends.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::registration_codes::{self, Act, Outcome, RunsOut, Standing, standing};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::organizations::Organization;
use crate::models::registration_codes::RegistrationCode;
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{Badge, Frame, Kind};
use crate::web::visitor::Said;

const PLACE: &str = "/admin/registration-codes";

/// GET /admin/registration-codes?before. Posts to …/make.
#[derive(Template, Default)]
#[template(path = "admin/registration_codes/list.html")]
pub struct CodesPage {
    pub frame: Frame,
    pub organization: String,
    /// What is typed into the field NPI; without one the code goes into both fields.
    pub npi: Option<String>,
    pub codes: Vec<CodeLine>,
    /// The URL of the next page.
    pub older: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CodeLine {
    pub id: String,
    pub code: String,
    pub standing: Badge,
    /// Whether anything can be done with it.
    pub works: bool,
    /// Whether an end can be set with a new code in its place.
    pub lasts: bool,
    pub uses: i64,
    pub made: String,
}

/// Where a page of the list begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    before: Option<String>,
}

/// GET /admin/registration-codes.
pub async fn list(admin: OrgAdmin, paging: web::Query<Paging>) -> Result<HttpResponse, AppError> {
    let organization = organization(&admin)?;
    let core = &admin.visitor.app.core;
    let found = registration_codes::list(core, &organization.id, paging.into_inner().before).await?;
    let (zone, now) = (admin.zone(), core.clock.now());
    page(&CodesPage {
        frame: admin.frame(PLACE),
        organization: organization.name.clone(),
        npi: organization.npi.clone(),
        codes: found.codes.into_iter().map(|code| line(code, &zone, now)).collect(),
        older: found.older_than.map(|id| format!("{PLACE}?before={id}")),
    })
}

fn line(code: RegistrationCode, zone: &Zone, now: Timestamp) -> CodeLine {
    let standing = standing(&code, now);
    CodeLine {
        standing: badge(standing, zone, now),
        works: matches!(standing, Standing::Works | Standing::WorksUntil(_)),
        lasts: standing == Standing::Works,
        made: zone.day_and_time(code.created_at, now),
        id: code.id,
        code: code.code,
        uses: code.uses,
    }
}

fn badge(standing: Standing, zone: &Zone, now: Timestamp) -> Badge {
    match standing {
        Standing::Works => Badge::new(Kind::Ok, "Works"),
        Standing::WorksUntil(until) => Badge::new(Kind::Warn, format!("Until {}", zone.day_and_time(until, now))),
        Standing::Expired(at) => Badge::new(Kind::Bad, format!("Expired {}", zone.day_and_time(at, now))),
        Standing::Revoked(at) => Badge::new(Kind::Bad, format!("Revoked {}", zone.day_and_time(at, now))),
    }
}

/// The organization whose codes these are. An operator may be in none.
fn organization(admin: &OrgAdmin) -> Result<&Organization, AppError> {
    let none = "You are in no organization. Choose one with Switch organization, then open this page again.";
    admin.actor.organization.as_ref().ok_or(AppError::Conflict(none))
}

/// GET /admin/registration-codes/{id}. Posts to …/rotate (`old`) and …/revoke.
#[derive(Template, Default)]
#[template(path = "admin/registration_codes/one.html")]
pub struct CodePage {
    pub frame: Frame,
    pub npi: Option<String>,
    pub code: Option<CodeLine>,
}

pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let organization = organization(&admin)?;
    let core = &admin.visitor.app.core;
    let code = registration_codes::find(core, &organization.id, &id).await?.ok_or(AppError::NotFound)?;
    let code = Some(line(code, &admin.zone(), core.clock.now()));
    page(&CodePage { frame: admin.frame(PLACE), npi: organization.npi.clone(), code })
}

/// POST /admin/registration-codes/make.
pub async fn make(admin: FreshOrgAdmin, _form: OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    go(&admin, Act::Make, Said::RegistrationCodeMade).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    old: String,
}

/// POST /admin/registration-codes/{id}/rotate.
pub async fn rotate(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Rotate>,
) -> Result<HttpResponse, AppError> {
    let runs_out = RunsOut::parse(&form.old).ok_or(AppError::BadRequest("Choose when the old code ends."))?;
    go(&admin, Act::Rotate { id: id.into_inner(), runs_out }, Said::RegistrationCodeMade).await
}

/// POST /admin/registration-codes/{id}/revoke.
pub async fn revoke(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    go(&admin, Act::Revoke { id: id.into_inner() }, Said::RegistrationCodeEnded).await
}

async fn go(admin: &FreshOrgAdmin, act: Act, said: Said) -> Result<HttpResponse, AppError> {
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    match registration_codes::act(core, &admin.actor, &organization(admin)?.id, act, origin).await? {
        Outcome::Done => {
            admin.visitor.flash(said);
            Ok(see_other(PLACE))
        }
        Outcome::NotFound => Err(AppError::NotFound),
        Outcome::Ended => Err(AppError::Conflict("This code has ended meanwhile. Nothing was changed.")),
        Outcome::TooMany => Err(AppError::Conflict("There are 20 codes that work. Revoke one first.")),
    }
}
