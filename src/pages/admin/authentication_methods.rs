//! **Security → Authentication Methods**: one row per factor. A reset acts on the person, once.

use actix_web::{HttpRequest, HttpResponse};

use super::resets::{self, Selection};
use crate::error::AppError;
use crate::pages::people::{self, Asked, List};
use crate::web::administration::OrgAdmin;
use crate::web::form::OrgForm;

/// GET /admin/authentication-methods.
pub async fn show(admin: OrgAdmin, req: HttpRequest) -> Result<HttpResponse, AppError> {
    people::show(&admin, List::AuthenticationMethods, Asked::parse(req.query_string())).await
}

/// POST /admin/authentication-methods/reset: `user_id[]`. Keeps the selection; nothing is reset yet.
pub async fn choose(admin: OrgAdmin, OrgForm(form): OrgForm<Selection>) -> Result<HttpResponse, AppError> {
    resets::choose(&admin, form, List::AuthenticationMethods).await
}
