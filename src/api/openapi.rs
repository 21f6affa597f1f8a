//! The description of the API, made from the code.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, SecurityRequirement};
use utoipa::{Modify, OpenApi};

use super::{audit, deliveries, mfa_reset, org_mfa, users};

/// Paths are told without `/api`, which is the server's.
#[derive(OpenApi)]
#[openapi(
    info(title = "Vestibule", description = "Who signs in, with which factors, and what happened."),
    servers((url = "/api")),
    tags(
        (name = "user", description = "People, their factors, resets"),
        (name = "audit", description = "What happened"),
        (name = "delivery", description = "What was sent"),
    ),
    paths(
        mfa_reset::user_level,
        mfa_reset::org_level,
        users::list,
        users::find,
        users::factors,
        org_mfa::set,
        audit::list,
        deliveries::list,
    ),
    modifiers(&Tokens),
)]
struct Api;

/// Every path wants a bearer token.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut Document) {
        let mut http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        http.description = Some("A token made under Administration, API Tokens.".into());
        if let Some(components) = &mut document.components {
            components.add_security_scheme("token", SecurityScheme::Http(http));
        }
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

/// The description as data.
pub fn document() -> Document {
    Api::openapi()
}

/// The description as JSON.
pub fn json() -> String {
    document().to_pretty_json().unwrap_or_default()
}
