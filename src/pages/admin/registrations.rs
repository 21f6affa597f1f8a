//! **Setup → Manage Users**: rows that open, with **Reset Registration** and the way to Edit User.

use actix_web::{HttpRequest, HttpResponse};

use crate::error::AppError;
use crate::pages::people::{self, Asked, List};
use crate::web::administration::OrgAdmin;

/// GET /setup/users.
pub async fn show(admin: OrgAdmin, req: HttpRequest) -> Result<HttpResponse, AppError> {
    people::show(&admin, List::ManageUsers, Asked::parse(req.query_string())).await
}
