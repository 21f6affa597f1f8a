//! What stands in the place of a page that can't be shown: plain words and a way on.

use askama::Template;

use crate::web::view::{Frame, Link};

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
}

impl ErrorPage {
    fn new(frame: Frame, status: u16, title: &str, text: impl Into<String>) -> Self {
        let back = match frame.user {
            Some(_) => Link::new("Go to Home", "/home"),
            None => Link::new("Go to Login Options", "/login"),
        };
        Self { frame, status, title: title.to_owned(), text: text.into(), request_id: None, back }
    }

    pub fn not_found(frame: Frame) -> Self {
        Self::new(
            frame,
            404,
            "Page not found",
            "There is nothing at this address. It may have moved, or never existed.",
        )
    }

    pub fn forbidden(frame: Frame) -> Self {
        Self::new(
            frame,
            403,
            "Not yours to open",
            "Your role does not include this page. Ask an administrator if you need it.",
        )
    }

    /// The token of a form did not fit: an old page, or another site.
    pub fn page_too_old(frame: Frame) -> Self {
        let text = "This page was open too long, so we did not act on it. Nothing was changed. Start again.";
        Self::new(frame, 403, "This page was open too long", text)
    }

    /// `at` is a clock time.
    pub fn too_many_requests(frame: Frame, at: &str) -> Self {
        Self::new(frame, 429, "Too many tries", format!("Too many tries. You can try again at {at}."))
    }

    pub fn internal(frame: Frame, request_id: impl Into<String>) -> Self {
        let text = "Something went wrong on our side. Nothing was lost; try again in a moment.";
        let page = Self::new(frame, 500, "That did not work", text);
        Self { request_id: Some(request_id.into()), ..page }
    }
}
