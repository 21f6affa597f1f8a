//! What load balancers and monitoring ask: `/healthz`, `/readyz`, `/metrics`.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::{App, Stopping, metrics};
use crate::domain::sandbox;
use crate::error::AppError;
use crate::web::client_ip::client_ip;

/// The process lives. It says nothing of the database: a restart would not mend that.
pub async fn live() -> HttpResponse {
    answer(StatusCode::OK, "ok")
}

/// The database answers, its schema is the one this program knows, a demo's sample people are there, and nobody asked
/// this node to end; 503 otherwise.
pub async fn ready(app: web::Data<App>, stopping: web::Data<Stopping>) -> HttpResponse {
    if stopping.has_begun() {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match app.core.db.is_ready().await {
        Ok(true) => match app.sandbox.is_none() || sandbox::is_seeded(&app.core).await.unwrap_or(false) {
            true => answer(StatusCode::OK, "ready"),
            false => answer(StatusCode::SERVICE_UNAVAILABLE, "the sample people are on their way"),
        },
        Ok(false) => {
            tracing::error!("not ready: migrations or triggers of the audit log are missing; a start makes them");
            answer(StatusCode::SERVICE_UNAVAILABLE, "the schema is not up to date")
        }
        Err(fault) => {
            tracing::error!(%fault, "not ready");
            answer(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}

/// Numbers for Prometheus, to this machine or to whoever has the token; to others there is nothing
/// here (ASVS 13.4.5).
pub async fn numbers(req: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, AppError> {
    if !is_from_here(&req, &app) && !has_token(req.headers(), &app) {
        return Err(AppError::NotFound);
    }
    let core = &app.core;
    let text = metrics::render(core.hasher.calls(), core.hasher.waiting());
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// A proxy on this machine is not "here": what it passes on comes from outside.
fn is_from_here(req: &HttpRequest, app: &App) -> bool {
    let passed_on = ["x-forwarded-for", "forwarded", "via"].iter().any(|name| req.headers().contains_key(*name));
    !passed_on && client_ip(req, &app.config.trusted_proxies).is_ok_and(|ip| ip.is_loopback())
}

fn has_token(headers: &HeaderMap, app: &App) -> bool {
    let sent = headers.get(AUTHORIZATION).and_then(|h| h.as_bytes().strip_prefix(b"Bearer "));
    app.config.metrics_token.as_ref().zip(sent).is_some_and(|(token, sent)| token.matches(sent))
}

fn answer(status: StatusCode, word: &str) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "status": word }))
}
