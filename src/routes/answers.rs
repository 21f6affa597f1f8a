//! What the table itself answers.

use actix_web::http::header::ALLOW;
use actix_web::middleware::{Compress, Condition};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::respond::see_other;

/// Only files are compressed: a page holds a CSRF token, and its length would betray it (BREACH).
pub(super) fn compress(path: &str) -> Condition<Compress> {
    Condition::new(path.starts_with("/static/"), Compress::default())
}

/// A refused form leaves its own address in the browser. Opened again, it leads to the page with the form.
pub(super) fn form_page(path: &str, form_at: &str, request: &HttpRequest) -> HttpResponse {
    let named = |part: &str| path.split('/').position(|p| p == part).and_then(|n| request.path().split('/').nth(n));
    let parts = form_at.split('/').map(|part| named(part).filter(|_| part.starts_with('{')).unwrap_or(part));
    see_other(&parts.collect::<Vec<_>>().join("/"))
}

/// 405, with what would be allowed (RFC 9110 section 15.5.6).
pub(super) fn not_allowed(methods: &[&str]) -> HttpResponse {
    let mut allowed = methods.join(", ");
    if methods.contains(&"GET") {
        allowed.push_str(", HEAD");
    }
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, allowed)).content_type("text/plain").finish()
}
