//! Problem details (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// 400, with what was expected instead.
pub fn bad_request(expected: &str) -> HttpResponse {
    let status = StatusCode::BAD_REQUEST;
    let problem = serde_json::json!({
        "type": "about:blank", "title": "Bad Request", "status": status.as_u16(),
        "detail": format!("Expected {expected}."),
    });
    HttpResponse::build(status).content_type("application/problem+json").body(problem.to_string())
}
