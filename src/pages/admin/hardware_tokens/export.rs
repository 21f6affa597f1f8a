//! **Export CSV**.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::{Filter, organization};
use crate::domain::hardware_tokens::export;
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::OrgForm;

const TOO_MANY: &str = "There are too many tokens for one file. Narrow the list down by serial number or state.";

/// POST /admin/hardware-tokens/export: `serial`, `state`.
pub async fn download(admin: FreshOrgAdmin, OrgForm(filter): OrgForm<Filter>) -> Result<HttpResponse, AppError> {
    let organization = organization(&admin)?;
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    let text = export::csv(core, &admin.actor, &organization.id, filter.query(), origin).await?;
    let text = text.ok_or(AppError::Conflict(TOO_MANY))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"hardware-tokens.csv\""))
        .body(text))
}
