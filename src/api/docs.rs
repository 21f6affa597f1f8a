//! **Admin: Help**: Swagger UI over the description of the API, ready to try requests out.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use askama::Template;
use serde::Serialize;

use super::openapi;
use crate::domain::api_tokens::{self, NotMade};
use crate::domain::times::rfc3339;
use crate::error::AppError;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::{Nothing, OrgForm};
use crate::web::view::Frame;

/// As everywhere, but for what Swagger UI needs: it builds its page from strings, and its style sheet
/// has pictures in it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; object-src 'none'; report-uri /csp-reports; report-to csp";

/// GET /admin/help. Without JavaScript it lists what there is.
#[derive(Template)]
#[template(path = "admin/help.html")]
pub struct HelpPage {
    pub frame: Frame,
    pub topics: Vec<Topic>,
}

/// The endpoints under one tag.
pub struct Topic {
    pub name: String,
    pub endpoints: Vec<Endpoint>,
}

pub struct Endpoint {
    pub method: String,
    pub path: String,
    pub summary: String,
}

/// It hands out a token for acts that want a factor just shown, so the page itself wants one.
pub async fn show(admin: FreshOrgAdmin) -> Result<HttpResponse, AppError> {
    let template = HelpPage { frame: admin.frame("/admin/help"), topics: topics() };
    let body = template.render().map_err(|e| AppError::internal(e.to_string()))?;
    Ok(HttpResponse::Ok().content_type(ContentType::html()).insert_header((CONTENT_SECURITY_POLICY, POLICY)).body(body))
}

/// GET /admin/help/openapi.json.
pub async fn document(_admin: FreshOrgAdmin) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi::json())
}

/// What the page's script gets.
#[derive(Serialize)]
struct Granted<'a> {
    token: &'a str,
    expires_at: String,
    expires_in: i64,
}

/// POST /administration/help/token: ten minutes with the rights of whoever reads the page.
pub async fn token(admin: FreshOrgAdmin, OrgForm(Nothing {}): OrgForm<Nothing>) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    match api_tokens::make_for_help(core, &admin.actor, &admin.session, &admin.visitor.origin).await? {
        Ok(made) => {
            let end = made.token.expires_at;
            let expires_in = (end - core.clock.now()).whole_seconds();
            Ok(HttpResponse::Ok().json(Granted { token: made.secret.expose(), expires_at: rfc3339(end), expires_in }))
        }
        Err(NotMade::NoOrganization | NotMade::TooMany | NotMade::NameTaken | NotMade::Role(_)) => {
            Err(AppError::Conflict("Choose an organization first: a token belongs to one."))
        }
    }
}

fn topics() -> Vec<Topic> {
    let document = openapi::document();
    let mut topics: Vec<Topic> =
        document.tags.iter().flatten().map(|tag| Topic { name: tag.name.clone(), endpoints: Vec::new() }).collect();
    for (path, item) in &document.paths.paths {
        for (method, operation) in
            [("GET", &item.get), ("PUT", &item.put), ("POST", &item.post), ("DELETE", &item.delete)]
        {
            let Some(operation) = operation else { continue };
            let tag = operation.tags.iter().flatten().next();
            if let Some(topic) = topics.iter_mut().find(|topic| Some(&topic.name) == tag) {
                topic.endpoints.push(Endpoint {
                    method: method.into(),
                    path: path.clone(),
                    summary: operation.summary.clone().unwrap_or_default(),
                });
            }
        }
    }
    topics
}
