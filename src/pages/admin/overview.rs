//! **Admin Overview**.

use actix_web::HttpResponse;
use askama::Template;

use crate::error::AppError;
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::Frame;

/// GET /admin.
#[derive(Template, Default)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    pub frame: Frame,
    /// Whose people are looked after here; nobody's in particular for an operator without one.
    pub organization: Option<String>,
}

pub async fn show(admin: OrgAdmin) -> Result<HttpResponse, AppError> {
    let organization = admin.actor.organization.as_ref().map(|o| o.name.clone());
    page(&OverviewPage { frame: admin.frame("/admin"), organization })
}
