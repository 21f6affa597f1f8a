//! What the OpenID provider of demo mode answers to the portal: its metadata, its keys, its tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::error::AppError;
use crate::identity::sandbox_domain::SandboxDomain;
use crate::web::sandbox::Script;

fn provider(script: &Script) -> Result<Arc<SandboxDomain>, AppError> {
    script.sandbox.domain.clone().ok_or(AppError::NotFound)
}

/// GET /sandbox/domain/.well-known/openid-configuration.
pub async fn metadata(script: Script) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::Ok().json(provider(&script)?.metadata()))
}

/// GET /sandbox/domain/keys.
pub async fn keys(script: Script) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::Ok().json(provider(&script)?.keys()))
}

/// POST /sandbox/domain/token. RFC 6749 section 4.1.3.
pub async fn token(script: Script, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, AppError> {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(match provider(&script)?.token(authorization, &form, script.app.core.clock.now()) {
        Some(tokens) => HttpResponse::Ok().json(tokens),
        None => HttpResponse::BadRequest().json(json!({"error": "invalid_grant"})),
    })
}
