//! **Import**: a file is looked through, every error is listed by its row, and all of it is saved or
//! nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{PLACE, organization};
use crate::domain::csv_file::Unreadable;
use crate::domain::hardware_tokens::file::Algorithm;
use crate::domain::hardware_tokens::import::{self, Report, Upload};
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::respond::{page, page_with, see_other};
use crate::web::upload::{UploadOrgForm, Uploaded};
use crate::web::view::{FormErrors, Frame, count};
use crate::web::visitor::Said;

/// Errors on one page; a file with more is wrong as a whole.
const SHOWN: usize = 500;

/// GET and POST /admin/hardware-tokens/import: `file`, `algorithm`, `action`, `sealed`.
#[derive(Template, Default)]
#[template(path = "admin/hardware_tokens/import.html")]
pub struct ImportPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub sha256: bool,
    /// What a file was found to be.
    pub found: Option<Found>,
}

impl ImportPage {
    /// Whether the file that was looked through can be imported: then that is the main thing to do.
    fn can_import(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.sealed.is_some())
    }
}

#[derive(Clone, Debug, Default)]
pub struct Found {
    /// "42 tokens: 40 for the inventory, 2 assigned".
    pub summary: String,
    /// "3 errors", where there are any.
    pub problems: String,
    pub lines: Vec<Line>,
    /// So many more.
    pub more: usize,
    /// The file, for **Import** without choosing it again.
    pub sealed: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub row: usize,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportForm {
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    sealed: String,
    action: String,
}

/// GET /admin/hardware-tokens/import.
pub async fn show(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    organization(&admin)?;
    page(&ImportPage { frame: admin.frame(PLACE), ..ImportPage::default() })
}

/// POST /admin/hardware-tokens/import: **Dry run** or **Import**.
pub async fn submit(admin: FreshOrgAdmin, form: UploadOrgForm<ImportForm>) -> Result<HttpResponse, AppError> {
    let (core, session_id) = (&admin.visitor.app.core, admin.session.id.as_str());
    let UploadOrgForm { form, file } = form;
    let sha256 = Algorithm::parse(&form.algorithm) == Some(Algorithm::Sha256);
    let again = ImportPage { frame: admin.frame(PLACE), sha256, ..ImportPage::default() };
    let upload = match upload(&admin, &form, file)? {
        Ok(upload) => upload,
        Err((status, message)) => {
            let errors = FormErrors::one("file", message);
            return page_with(status, &ImportPage { errors, ..again });
        }
    };
    let is_import = form.action == "import";
    let done = match is_import {
        true => import::save(core, upload.clone(), &admin.visitor.origin).await?,
        false => import::dry_run(core, upload.clone()).await?,
    };
    match done {
        Err(why) => {
            let errors = FormErrors::one("file", why.words());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { errors, ..again })
        }
        Ok(report) if report.problems.is_empty() && is_import => {
            admin.visitor.flash(Said::TokensImported);
            Ok(see_other(PLACE))
        }
        Ok(report) => {
            let sealed = match report.problems.is_empty() {
                true => Some(import::keep(core, session_id, &upload)?),
                false => None,
            };
            page(&ImportPage { found: Some(found(&report, sealed)), ..again })
        }
    }
}

type Missing = (StatusCode, &'static str);

/// The file that came, or the one that was looked through before.
fn upload(admin: &FreshOrgAdmin, form: &ImportForm, file: Uploaded) -> Result<Result<Upload, Missing>, AppError> {
    let organization = organization(admin)?;
    let core = &admin.visitor.app.core;
    let chosen = Algorithm::parse(&form.algorithm).unwrap_or_default();
    let (bytes, algorithm): (Zeroizing<Vec<u8>>, _) = match file {
        Uploaded::File(bytes) => (bytes, chosen),
        Uploaded::TooLarge => return Ok(Err((StatusCode::PAYLOAD_TOO_LARGE, Unreadable::TooLarge.words()))),
        Uploaded::None if form.sealed.is_empty() => return Ok(Err((StatusCode::OK, "Choose a file."))),
        Uploaded::None => match import::kept(core, &admin.session.id, &organization.id, &form.sealed) {
            Some(kept) => kept,
            None => return Ok(Err((StatusCode::OK, "The dry run is too long ago. Choose the file again."))),
        },
    };
    Ok(Ok(Upload { organization: organization.clone(), actor: Some(admin.actor.clone()), bytes, algorithm }))
}

fn found(report: &Report, sealed: Option<String>) -> Found {
    let total = i64::try_from(report.assigned + report.available).unwrap_or(i64::MAX);
    let problems = i64::try_from(report.problems.len()).unwrap_or(i64::MAX);
    Found {
        summary: format!(
            "{}: {} for the inventory, {} assigned",
            count(total, "token", "tokens"),
            report.available,
            report.assigned
        ),
        problems: if problems > 0 { count(problems, "error", "errors") } else { String::new() },
        lines: report.problems.iter().take(SHOWN).map(|p| Line { row: p.row, text: p.why.words() }).collect(),
        more: report.problems.len().saturating_sub(SHOWN),
        sealed,
    }
}
