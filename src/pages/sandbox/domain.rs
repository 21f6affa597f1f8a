//! The page of demo mode's OpenID provider: no password, the tester picks who signs in.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::sandbox::{self, PersonView};
use crate::error::AppError;
use crate::identity::sandbox_domain::{Asked, Picked, SandboxDomain};
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::sandbox::InSandbox;
use crate::web::view::Frame;

/// GET /sandbox/domain/authorize. Posts what the portal asked for, `person` and `second_factor` (1) to
/// itself.
#[derive(Template, Default)]
#[template(path = "sandbox/domain.html")]
pub struct DomainPage {
    pub frame: Frame,
    pub asked: Asked,
    /// Name and id of each, by name.
    pub people: Vec<(String, String)>,
}

/// Somebody the portal does not know.
const STRANGER: &str = "stranger";

/// What the portal asks for: RFC 6749 section 4.1.1, RFC 7636 section 4.3.
#[derive(Deserialize)]
pub struct Query {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

fn provider(entered: &InSandbox) -> Result<Arc<SandboxDomain>, AppError> {
    entered.sandbox.domain.clone().ok_or(AppError::NotFound)
}

/// What is asked, if the portal of this machine asks.
fn asked(entered: &InSandbox, query: Query) -> Result<Asked, AppError> {
    let Query { response_type, client_id, redirect_uri, state, nonce, code_challenge, code_challenge_method } = query;
    let asked = Asked { response_type, client_id, redirect_uri, state, nonce, code_challenge, code_challenge_method };
    let fits = provider(entered)?.fits(&asked);
    fits.then_some(asked).ok_or(AppError::BadRequest("This is no request of the portal's. Start again with LOGIN."))
}

async fn everybody(entered: &InSandbox) -> Result<Vec<PersonView>, AppError> {
    let mut people = sandbox::read_people(&entered.visitor.app.core, &entered.sandbox.sample).await?.people;
    people.sort_by(|a, b| (&a.first_name, &a.last_name).cmp(&(&b.first_name, &b.last_name)));
    Ok(people)
}

/// GET /sandbox/domain/authorize.
pub async fn show(entered: InSandbox, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let asked = asked(&entered, query.into_inner())?;
    let named = |p: PersonView| (format!("{} {} ({})", p.first_name, p.last_name, p.username), p.user_id);
    let people = everybody(&entered).await?.into_iter().map(named).collect();
    page(&DomainPage { frame: entered.visitor.frame(), asked, people })
}

#[derive(Deserialize)]
pub struct Chosen {
    #[serde(flatten)]
    query: Query,
    person: String,
    second_factor: Option<String>,
}

/// POST /sandbox/domain/authorize: back to the portal.
pub async fn pick(entered: InSandbox, Form(form): Form<Chosen>) -> Result<HttpResponse, AppError> {
    let asked = asked(&entered, form.query)?;
    let person = everybody(&entered).await?.into_iter().find(|p| p.user_id == form.person);
    let second_factor = form.second_factor.is_some();
    let picked = match person {
        Some(p) => Picked {
            subject: p.user_id,
            email: p.email,
            first_name: p.first_name,
            last_name: p.last_name,
            username: p.username,
            second_factor,
        },
        None if form.person == STRANGER => Picked {
            subject: STRANGER.into(),
            email: "stranger@elsewhere.example".into(),
            first_name: "Sam".into(),
            last_name: "Stranger".into(),
            username: STRANGER.into(),
            second_factor,
        },
        None => return Err(AppError::NotFound),
    };
    let back = provider(&entered)?.grant(asked, picked, entered.visitor.app.core.clock.now());
    Ok(see_other(&back))
}
