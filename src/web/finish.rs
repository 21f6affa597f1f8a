//! What every answer gets: security headers, cookies, a page for an error, a log line, a count.
//! ASVS 3.4.1 to 3.4.8, 14.3.2, 16.2.1, 16.5.1, 16.5.4.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use askama::Template;
use data_encoding::HEXLOWER;
use futures_util::FutureExt;

use super::cookies::Jar;
use super::csp_reports;
use super::error_page::ErrorPage;
use super::visitor::{RequestId, Visitor};
use crate::app::{App, Stopping};
use crate::domain::throttle::Allowance;
use crate::error::{AppError, Explained};
use crate::secrets::random;

const HEADERS: [(&str, &str); 10] = [
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
         require-trusted-types-for 'script'; report-uri /csp-reports; report-to csp",
    ),
    ("reporting-endpoints", "csp=\"/csp-reports\""),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
];

/// The outermost middleware.
pub async fn finish<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = HEXLOWER.encode(&random::bytes::<8>());
    let method = req.method().clone();
    req.extensions_mut().insert(RequestId(id.clone()));
    let called = if let Some(refusal) = refusal(&req) {
        Ok(Ok(req.into_response(refusal.error_response())))
    } else {
        AssertUnwindSafe(next.call(req)).catch_unwind().await.map(|r| r.map(ServiceResponse::map_into_boxed_body))
    };
    let mut response = match called {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(Bare::from(&error).into()),
        Err(_) => {
            tracing::error!(request_id = id, "a handler panicked");
            return Err(Bare(StatusCode::INTERNAL_SERVER_ERROR).into());
        }
    };
    if let Some(explained) = explanation(&response) {
        response = explain(response, &explained, &id);
    }
    let cookies = Jar::of(response.request()).headers();
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let headers = response.headers_mut();
    add_headers(headers);
    add_allowance(headers, allowance);
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    if response.request().app_data::<web::Data<Stopping>>().is_some_and(|stopping| stopping.has_begun()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    log(&response, method.as_str(), &id, started);
    Ok(response)
}

/// What is refused whatever the address: fetches by other sites, names that are not ours, NUL.
fn refusal(req: &ServiceRequest) -> Option<AppError> {
    // Of a page that another site tried to frame, the browser reports from there.
    if req.path() != csp_reports::PATH && is_foreign_fetch(req.headers(), is_api(req.path())) {
        return Some(AppError::Forged);
    }
    // The API says itself what is wrong with a parameter.
    let query = req.uri().query().filter(|_| !is_api(req.path())).unwrap_or_default();
    if req.uri().path().contains("%00") || query.contains("%00") {
        return Some(AppError::NotFound);
    }
    let demo = req.app_data::<web::Data<App>>().is_some_and(|app| app.core.settings.demo);
    (demo && !is_loopback_name(req.headers())).then_some(AppError::Forbidden)
}

/// A demo answers to the names of this machine only, so that another site's name that was made to
/// point here (DNS rebinding) finds nothing.
fn is_loopback_name(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Answers there are for machines.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// A script or an image of another site, not somebody following a link; no link leads to the API.
/// ASVS 3.5.8.
fn is_foreign_fetch(headers: &HeaderMap, api: bool) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|v| v.as_bytes() == value.as_bytes());
    is("sec-fetch-site", "cross-site") && (api || !is("sec-fetch-mode", "navigate"))
}

/// Ours travels with the response; the framework's own errors have only a status and a line of text.
fn explanation(response: &ServiceResponse) -> Option<Explained> {
    if let Some(explained) = response.response().extensions().get::<Explained>() {
        return Some(explained.clone()).filter(|_| !response.status().is_redirection());
    }
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| !t.as_bytes().starts_with(b"text/plain"));
    let status = response.status();
    if status == StatusCode::METHOD_NOT_ALLOWED && !is_api(response.request().path()) {
        return Some(Explained {
            title: "Nothing to open here",
            text: "This address only takes what a page sends to it. Go back to that page, or to the start.".into(),
            signed_in: false,
            several: false,
        });
    }
    (status.as_u16() >= 400 && !ours).then(|| Explained {
        title: status.canonical_reason().unwrap_or("That did not work"),
        text: "This address does not take what was sent.".into(),
        signed_in: false,
        several: false,
    })
}

/// What programs tell refusals apart by, for those that come before the API itself.
fn problem_code(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        413 => "too_large",
        415 => "unsupported_media_type",
        429 => "too_many_requests",
        503 => "busy",
        500.. => "internal",
        _ => "refused",
    }
}

fn explain(response: ServiceResponse, explained: &Explained, id: &str) -> ServiceResponse {
    let status = response.status().as_u16();
    if is_api(response.request().path()) {
        let problem = serde_json::json!({
            "type": "about:blank", "title": explained.title, "status": status, "code": problem_code(status),
            "detail": explained.text, "request_id": id,
        });
        return with_body(response, "application/problem+json", problem.to_string());
    }
    let frame = Visitor::of(response.request()).map(|v| v.frame()).unwrap_or_default();
    let page = ErrorPage {
        signed_in: explained.signed_in,
        several: explained.several,
        ..ErrorPage::new(frame, status, explained.title, &explained.text, id)
    };
    let html = page.render().unwrap_or_else(|_| explained.title.to_owned());
    with_body(response, "text/html; charset=utf-8", html)
}

fn with_body(response: ServiceResponse, content_type: &'static str, body: String) -> ServiceResponse {
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn add_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// What is left of the API's limit.
fn add_allowance(headers: &mut HeaderMap, allowance: Option<Allowance>) {
    let Some(allowance) = allowance else { return };
    let numbers = [
        ("ratelimit-limit", allowance.limit),
        ("ratelimit-remaining", allowance.remaining),
        ("ratelimit-reset", allowance.reset_seconds),
    ];
    for (name, number) in numbers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
}

/// The pattern of the path, never the path: it may hold a link's secret. ASVS 16.2.5.
fn log(response: &ServiceResponse, method: &str, id: &str, started: Instant) {
    let path = response.request().match_pattern().unwrap_or_default();
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    metrics::counter!("vestibule_requests_total", "status" => status.to_string()).increment(1);
    metrics::histogram!("vestibule_request_seconds").record(elapsed.as_secs_f64());
    tracing::info!(method, path, status, ms = elapsed.as_secs_f64() * 1e3, request_id = id, "request");
}

/// An answer for when not even a page can be made.
#[derive(Debug)]
struct Bare(StatusCode);

impl From<&Error> for Bare {
    fn from(error: &Error) -> Self {
        tracing::error!(%error, "a request failed outside its handler");
        Self(error.as_response_error().status_code())
    }
}

impl std::fmt::Display for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl ResponseError for Bare {
    fn status_code(&self) -> StatusCode {
        self.0
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0)
            .content_type("text/plain; charset=utf-8")
            .body("Something went wrong on our side. Try again in a moment.\n");
        add_headers(response.headers_mut());
        response
    }
}
