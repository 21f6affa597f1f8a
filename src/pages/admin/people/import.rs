//! **Import users**: a file, what is in it row by row, then a job.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::organization;
use crate::domain::jobs::Created;
use crate::domain::limits::{CSV_BYTES, CSV_CELL_BYTES, CSV_ROWS};
use crate::domain::people::import::{self, COLUMNS, RowError, Started};
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::Nothing;
use crate::web::respond::{page, page_with, see_other};
use crate::web::upload::{UploadOrgForm, Uploaded};
use crate::web::view::{FormErrors, Frame, count};

/// GET and POST /admin/users/import: `file`. Posts `sealed` to /admin/users/import/start.
#[derive(Template, Default)]
#[template(path = "admin/people/import.html")]
pub struct ImportPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub organization: String,
    pub may_give_roles: bool,
    pub columns: Vec<(&'static str, bool, &'static str)>,
    /// "2 MiB", "5000", "4 KiB".
    pub limits: [String; 3],
    pub found: Option<Found>,
}

/// What is in a file.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// "3 users".
    pub people: String,
    pub some: bool,
    pub here_already: Vec<(usize, String)>,
    pub errors: Vec<RowError>,
    pub more_errors: bool,
    pub sealed: String,
}

fn blank(admin: &FreshOrgAdmin) -> Result<ImportPage, AppError> {
    Ok(ImportPage {
        frame: admin.frame("/admin/users"),
        organization: organization(admin)?.name.clone(),
        may_give_roles: admin.actor.is_owner(),
        columns: COLUMNS.to_vec(),
        limits: [
            format!("{} MiB", CSV_BYTES / 1024 / 1024),
            CSV_ROWS.to_string(),
            format!("{} KiB", CSV_CELL_BYTES / 1024),
        ],
        ..ImportPage::default()
    })
}

/// GET /admin/users/import.
pub async fn show(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    page(&blank(&admin)?)
}

/// POST /admin/users/import: looks the file through; nobody is added.
pub async fn look(admin: FreshOrgAdmin, upload: UploadOrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let again = blank(&admin)?;
    let bytes = match upload.file {
        Uploaded::File(bytes) => bytes,
        Uploaded::None => {
            return page(&ImportPage { errors: FormErrors::one("file", "Choose a CSV file."), ..again });
        }
        Uploaded::TooLarge => return Err(AppError::TooLarge),
    };
    let (core, organization) = (&admin.visitor.app.core, organization(&admin)?);
    let report = match import::look_through(core, organization, admin.actor.is_owner(), &bytes).await? {
        Ok(report) => report,
        Err(why) => {
            let errors = FormErrors::one("file", why);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { errors, ..again });
        }
    };
    let errors = match report.errors.len() {
        0 => FormErrors::default(),
        many => {
            let are = if many == 1 { "is" } else { "are" };
            let rows = count(i64::try_from(many).unwrap_or(i64::MAX), "error", "errors");
            FormErrors::one(
                "file",
                format!("There {are} {rows} in the file. Nobody was added. Mend it and choose it again."),
            )
        }
    };
    let found = Found {
        people: count(i64::try_from(report.people.len()).unwrap_or(i64::MAX), "user", "users"),
        some: !report.people.is_empty(),
        here_already: report.here_already,
        errors: report.errors,
        more_errors: report.more_errors,
        sealed: import::seal(core, &admin.actor, organization, &bytes)?,
    };
    page(&ImportPage { errors, found: Some(found), ..again })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    sealed: String,
}

/// POST /admin/users/import/start.
pub async fn start(admin: FreshOrgAdmin, upload: UploadOrgForm<Looked>) -> Result<HttpResponse, AppError> {
    let again = blank(&admin)?;
    let visitor = &admin.visitor;
    let organization = organization(&admin)?;
    let started =
        import::start(&visitor.app.core, &admin.actor, organization, &upload.form.sealed, &visitor.origin).await?;
    let why = match started {
        Started::Job(Created::Job(id)) => return Ok(see_other(&format!("/admin/jobs/{id}"))),
        Started::Job(Created::Nothing) => "There is nobody to add in this file.",
        Started::Job(Created::TooManyPeople) => "There are too many people in this file. Split it.",
        Started::Job(Created::TooManyJobs) => "Several jobs of yours are not done yet. Wait for one of them.",
        Started::Again => "Something has changed since the file was looked through. Choose it again.",
    };
    page(&ImportPage { errors: FormErrors::one("file", why), ..again })
}
