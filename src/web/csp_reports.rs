//! What browsers tell of breaches of the content policy (ASVS 3.4.7): counted by directive, and logged. Anybody can
//! post here: nothing is believed or kept, and nothing gets into the log that is longer or stranger than a name.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use url::Url;

use crate::error::AppError;

/// Where they are posted to.
pub const PATH: &str = "/csp-reports";
/// So many of one post are counted.
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

struct Breach {
    directive: &'static str,
    blocked: String,
}

/// 204 whatever was told; 400 for what is no report, 415 for another type. One line in the log for each post.
pub async fn take(req: HttpRequest, body: web::Bytes) -> Result<HttpResponse, AppError> {
    let content_type = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let read = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/reports+json" => newer,
        "application/csp-report" => older,
        _ => return Err(AppError::UnsupportedMediaType),
    };
    let told = serde_json::from_slice(&body).ok().and_then(|value| read(&value));
    let breaches = told.ok_or(AppError::BadRequest("This is no report of a browser."))?;
    for breach in &breaches {
        metrics::counter!("vestibule_csp_reports_total", "directive" => breach.directive).increment(1);
    }
    if let Some(Breach { directive, blocked }) = breaches.first() {
        tracing::warn!(
            directive,
            blocked,
            breaches = breaches.len(),
            "a browser reports a breach of the content policy"
        );
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Of the Reporting API (`report-to`): an array, in which reports of other kinds stand too. What is odd about one
/// does not hide the others.
fn newer(posted: &Value) -> Option<Vec<Breach>> {
    let reports = posted.as_array()?.iter().filter(|report| report["type"] == "csp-violation");
    let breaches = reports.filter_map(|report| breach(&report["body"], &["effectiveDirective"], "blockedURL"));
    Some(breaches.take(AT_ONCE).collect())
}

/// Of `report-uri` (CSP Level 3 section 5.3): one, most often with both names of the directive.
fn older(posted: &Value) -> Option<Vec<Breach>> {
    let names = ["effective-directive", "violated-directive"];
    breach(&posted["csp-report"], &names, "blocked-uri").map(|breach| vec![breach])
}

fn breach(body: &Value, names: &[&str], blocked: &str) -> Option<Breach> {
    let said = names.iter().find_map(|name| body[*name].as_str())?;
    Some(Breach { directive: directive(said), blocked: origin(body[blocked].as_str().unwrap_or_default()) })
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
