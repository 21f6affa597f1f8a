//! **Registration is complete**: the rest comes by e-mail. One page for every address and username.

use actix_web::HttpResponse;
use askama::Template;

use super::Steps;
use crate::error::AppError;
use crate::web::respond::page;
use crate::web::view::Frame;
use crate::web::visitor::Visitor;

/// GET /register/sent.
#[derive(Template)]
#[template(path = "registration/sent.html")]
pub struct SentPage {
    pub frame: Frame,
    pub steps: Steps,
}

pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&SentPage { frame: visitor.frame(), steps: Steps::at(Steps::EMAIL, None) })
}
