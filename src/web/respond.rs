//! Answers: a page, a redirect.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentType, LOCATION};
use askama::Template;

use crate::error::AppError;

/// 200 with a page.
pub fn page(template: &impl Template) -> Result<HttpResponse, AppError> {
    page_with(StatusCode::OK, template)
}

/// A page with another status.
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<HttpResponse, AppError> {
    let body = template.render().map_err(|e| AppError::internal(e.to_string()))?;
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(body))
}

/// 303 to a path of ours.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// A table for a spreadsheet, to be saved under this name, which is one of ours. ASVS 3.2.1, 5.4.1.
pub fn table(name: &'static str, csv: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(csv)
}
