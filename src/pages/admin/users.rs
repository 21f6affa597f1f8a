//! **User Management**, and **Edit User** behind it.

pub mod acts;
mod button;
pub mod edit;
mod lines;
pub mod reset;

use actix_web::{HttpRequest, HttpResponse};

use crate::domain::administration::Actor;
use crate::domain::users::{self, Person};
use crate::error::AppError;
use crate::pages::people::{self, Asked, List};
use crate::web::administration::OrgAdmin;

/// GET /admin/users.
pub async fn list(admin: OrgAdmin, req: HttpRequest) -> Result<HttpResponse, AppError> {
    people::show(&admin, List::UserManagement, Asked::parse(req.query_string())).await
}

/// Somebody the administrator reaches; 404 for anybody else.
async fn find(admin: &OrgAdmin, id: &str) -> Result<Person, AppError> {
    users::find(&admin.visitor.app.core, &admin.actor, id).await?.ok_or(AppError::NotFound)
}

/// The actor in the organization that the page is about, which for an operator may be another than the
/// current one.
fn acting(admin: &OrgAdmin, person: &Person) -> Actor {
    let organization = match &person.place {
        Some((_, place)) => Some(place.clone()),
        None => admin.actor.organization.clone(),
    };
    Actor { organization, ..admin.actor.clone() }
}
