//! **Identity → Users**: people of the customers chosen, and **Reset all multi-factor authentications**
//! for those checked.

use actix_web::{HttpRequest, HttpResponse};

use super::resets::{self, Selection};
use crate::error::AppError;
use crate::pages::people::{self, Asked, List};
use crate::web::administration::OrgAdmin;
use crate::web::form::OrgForm;

/// GET /identity/users: `customer` many times, `q`, `status`, `account`, `role`, `after`.
pub async fn show(admin: OrgAdmin, req: HttpRequest) -> Result<HttpResponse, AppError> {
    people::show(&admin, List::IdentityUsers, Asked::parse(req.query_string())).await
}

/// POST /identity/users/reset: `user_id[]`. Keeps the selection; nothing is reset yet.
pub async fn choose(admin: OrgAdmin, OrgForm(form): OrgForm<Selection>) -> Result<HttpResponse, AppError> {
    resets::choose(&admin, form, List::IdentityUsers).await
}
