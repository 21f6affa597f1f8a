//! An e-mail as a mail program shows it.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::{HttpResponse, web};

use crate::domain::sandbox;
use crate::error::AppError;
use crate::web::sandbox::InSandbox;

/// Mails carry their style in attributes. Nothing else of them may do anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'; base-uri 'none'; \
                      form-action 'none'";

/// GET /sandbox/mail/{id}.
pub async fn show(entered: InSandbox, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let html = sandbox::mail_html(&entered.visitor.app.core, &id).await?.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_SECURITY_POLICY, POLICY)).content_type(ContentType::html()).body(html))
}
