//! What browsers tell of breaches of the content policy (ASVS 3.4.7): counted by directive, and logged. Anybody can
//! post here: nothing is believed or kept, and nothing gets into the log that is longer or stranger than a name.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use url::Url;

use crate::error::AppError;

/// So many of one post are looked at.
const AT_ONCE: usize = 10;
/// Directives that can be broken; what else is said counts as "other".
const DIRECTIVES: [&str; 14] = [
    "base-uri",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "media-src",
    "object-src",
    "require-trusted-types-for",
    "script-src",
    "style-src",
    "worker-src",
];

/// Of the Reporting API (`report-to`): an array, in which reports of other kinds stand too.
#[derive(Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    body: serde_json::Value,
}

/// Of `report-uri`, CSP Level 2 section 4.4.
#[derive(Deserialize)]
struct Older {
    #[serde(rename = "csp-report")]
    report: Breach,
}

#[derive(Deserialize)]
struct Breach {
    #[serde(alias = "effective-directive", alias = "violated-directive", rename = "effectiveDirective")]
    directive: String,
    #[serde(alias = "blocked-uri", rename = "blockedURL", default)]
    blocked: String,
}

/// 204 whatever was told; 400 for what is no report, 415 for another type.
pub async fn take(req: HttpRequest, body: web::Bytes) -> Result<HttpResponse, AppError> {
    let content_type = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let breaches = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/reports+json" => newer(&body),
        "application/csp-report" => older(&body),
        _ => return Err(AppError::UnsupportedMediaType),
    };
    for breach in breaches.ok_or(AppError::BadRequest("This is no report of a browser."))?.iter().take(AT_ONCE) {
        let (directive, blocked) = (directive(&breach.directive), origin(&breach.blocked));
        metrics::counter!("vestibule_csp_reports_total", "directive" => directive).increment(1);
        tracing::warn!(directive, blocked, "a browser reports a breach of the content policy");
    }
    Ok(HttpResponse::NoContent().finish())
}

fn newer(body: &[u8]) -> Option<Vec<Breach>> {
    let reports: Vec<Report> = serde_json::from_slice(body).ok()?;
    let of_policy = reports.into_iter().filter(|report| report.kind == "csp-violation");
    of_policy.map(|report| serde_json::from_value(report.body).ok()).collect()
}

fn older(body: &[u8]) -> Option<Vec<Breach>> {
    serde_json::from_slice(body).ok().map(|Older { report }| vec![report])
}

/// "script-src-elem 'self'" is script-src.
fn directive(said: &str) -> &'static str {
    let name = said.split_whitespace().next().unwrap_or_default();
    let name = name.trim_end_matches("-elem").trim_end_matches("-attr");
    DIRECTIVES.into_iter().find(|known| *known == name).unwrap_or("other")
}

/// The origin of what was blocked, or a word such as "inline". Never more: an address may hold a secret. ASVS 16.2.5.
fn origin(blocked: &str) -> String {
    match Url::parse(blocked) {
        Ok(url) => url.origin().ascii_serialization().chars().take(100).collect(),
        Err(_) if ["inline", "eval", "wasm-eval", "trusted-types-policy", "trusted-types-sink"].contains(&blocked) => {
            blocked.to_owned()
        }
        Err(_) => "other".to_owned(),
    }
}
