//! **Export users**: the people of the organization acted in as a CSV file.

use actix_web::HttpResponse;
use askama::Template;

use super::organization;
use crate::domain::people::export;
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, table};
use crate::web::view::Frame;

/// GET and POST /admin/users/export.
#[derive(Template, Default)]
#[template(path = "admin/people/export.html")]
pub struct ExportPage {
    pub frame: Frame,
    pub organization: String,
}

/// GET /admin/users/export.
pub async fn show(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    let organization = organization(&admin)?.name.clone();
    page(&ExportPage { frame: admin.frame("/admin/users"), organization })
}

/// POST /admin/users/export.
pub async fn download(admin: FreshOrgAdmin, _: OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &admin.visitor;
    let csv = export::table(&visitor.app.core, &admin.actor, organization(&admin)?, &visitor.origin).await?;
    Ok(table("users.csv", csv))
}
