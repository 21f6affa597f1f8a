//! **Settings → Manage Accounts**: **Reset Multi-factor** in each row.

use actix_web::{HttpRequest, HttpResponse};

use crate::error::AppError;
use crate::pages::people::{self, Asked, List};
use crate::web::administration::OrgAdmin;

/// GET /settings/allaccounts, with or without a slash at the end.
pub async fn show(admin: OrgAdmin, req: HttpRequest) -> Result<HttpResponse, AppError> {
    people::show(&admin, List::ManageAccounts, Asked::parse(req.query_string())).await
}
