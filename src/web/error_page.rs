//! What stands in the place of a page that cannot be shown: plain words and a way on.

use askama::Template;

use super::view::{Frame, Link};

#[derive(Template)]
#[template(path = "error_page.html")]
pub struct ErrorPage {
    pub frame: Frame,
    pub status: u16,
    pub title: String,
    pub text: String,
    /// What support finds in the log.
    pub request_id: Option<String>,
    pub back: Link,
    /// The way on is out.
    pub signed_in: bool,
    /// Or into another organization.
    pub several: bool,
}

impl ErrorPage {
    pub fn new(frame: Frame, status: u16, title: &str, text: &str, request_id: &str) -> Self {
        Self {
            frame,
            status,
            title: title.to_owned(),
            text: text.to_owned(),
            request_id: Some(request_id.to_owned()),
            back: Link::new("Go to the start", "/"),
            signed_in: false,
            several: false,
        }
    }
}
