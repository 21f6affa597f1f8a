//! The guards of the sandbox. Outside demo mode nothing under `/sandbox` is found.

use std::future::{Ready, ready};

use actix_web::http::header::{HeaderMap, ORIGIN};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::csrf;
use super::visitor::Visitor;
use crate::app::{App, Sandbox};
use crate::error::AppError;

/// Anybody with a browser, in demo mode.
pub struct InSandbox {
    pub visitor: Visitor,
    pub sandbox: Sandbox,
}

/// A script, in demo mode. Without a CSRF token, so a browser that comes from another site is refused.
pub struct Script {
    pub app: web::Data<App>,
    pub sandbox: Sandbox,
}

impl InSandbox {
    fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let (_, sandbox) = sandbox(req)?;
        Ok(Self { visitor: Visitor::of(req)?, sandbox })
    }
}

impl Script {
    fn of(req: &HttpRequest) -> Result<Self, AppError> {
        let (app, sandbox) = sandbox(req)?;
        let settings = &app.core.settings;
        let headers = req.headers();
        if is_opaque(headers) || !csrf::is_same_origin(headers, &settings.public_url, settings.demo) {
            return Err(AppError::Forged);
        }
        Ok(Self { app, sandbox })
    }
}

/// A page without an origin of its own, in a browser that says nothing else. Scripts send no origin.
fn is_opaque(headers: &HeaderMap) -> bool {
    !headers.contains_key("sec-fetch-site") && headers.get(ORIGIN).is_some_and(|origin| origin == "null")
}

fn sandbox(req: &HttpRequest) -> Result<(web::Data<App>, Sandbox), AppError> {
    let app = req.app_data::<web::Data<App>>().cloned().ok_or_else(|| AppError::internal("no App"))?;
    let sandbox = app.sandbox.clone().ok_or(AppError::NotFound)?;
    Ok((app, sandbox))
}

impl FromRequest for InSandbox {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

impl FromRequest for Script {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}
