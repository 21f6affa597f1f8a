//! The address without a path.

use actix_web::HttpResponse;

use crate::domain::access::page_of;
use crate::web::respond::see_other;
use crate::web::visitor::Visitor;

/// GET /: to wherever this person is.
pub async fn show(visitor: Visitor) -> HttpResponse {
    see_other(visitor.session.as_ref().map_or("/login", |s| page_of(s.stage)))
}
