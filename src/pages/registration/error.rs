//! **Registration Error**: a step out of order, a registration that stood still for too long, or one
//! that was never finished. **Reset** leads back onto the road.

use actix_web::HttpResponse;
use askama::Template;

use crate::error::AppError;
use crate::web::respond::page;
use crate::web::view::Frame;
use crate::web::visitor::Visitor;

/// GET /register/error.
#[derive(Template)]
#[template(path = "registration/error.html")]
pub struct ErrorPage {
    pub frame: Frame,
}

pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&ErrorPage { frame: visitor.frame() })
}
