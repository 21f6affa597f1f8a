//! **Login Options**: by phone or by e-mail, the two ways in.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::flow;
use crate::domain::remember_me::{self, Person, Ticket};
use crate::error::AppError;
use crate::models::LoginOption;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::Frame;
use crate::web::visitor::Visitor;
use crate::web::{return_to, session, tickets};

/// GET /login. Posts `option` (phone|email), `remember` (1) and `return_to` to /login, or nothing to
/// /login/domain.
#[derive(Template)]
#[template(path = "sign_in/options.html")]
pub struct OptionsPage {
    pub frame: Frame,
    /// Whether the box starts checked: it does while anybody is remembered here.
    pub remember_checked: bool,
    /// The way in for somebody else, while anybody is remembered here.
    pub somebody_else: Option<String>,
    /// The checked local path to go on to afterwards.
    pub return_to: Option<String>,
    /// The name before "domain account"; `None` where no domain is configured.
    pub domain: Option<String>,
}

#[derive(Deserialize)]
pub struct Query {
    return_to: Option<String>,
}

/// GET /login: writes nothing.
pub async fn show(visitor: Visitor, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let people = remember_me::people(&visitor.app.core, &tickets::read(&visitor)).await?;
    let return_to = query.into_inner().return_to.and_then(|path| return_to::check(&path));
    page(&OptionsPage {
        frame: visitor.frame(),
        remember_checked: !people.is_empty(),
        somebody_else: people.first().map(|p| somebody_else(p.entry.login_option, true, return_to.as_deref())),
        return_to,
        domain: visitor.app.oidc.as_ref().map(|oidc| oidc.settings().name.clone()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    option: String,
    remember: Option<String>,
    return_to: Option<String>,
}

/// POST /login: with the box checked, straight in for whom this browser remembers under this option;
/// with it cleared, everybody remembered under it is forgotten.
pub async fn submit(visitor: Visitor, Form(form): Form<Choice>) -> Result<HttpResponse, AppError> {
    let option = flow::option(&form.option)?;
    let return_to = form.return_to.and_then(|path| return_to::check(&path));
    let remember = form.remember.is_some();
    let core = &visitor.app.core;
    let kept = whole(&visitor).await?;
    if !remember {
        let stay = remember_me::forget(core, kept, Some(option), &visitor.origin).await?;
        tickets::write(&visitor, &stay);
        return Ok(see_other(&path(option, false, return_to.as_deref())));
    }
    let people = of_option(remember_me::people(core, &kept).await?, option);
    match people.as_slice() {
        [only] => enter(&visitor, kept, option, &only.entry.selector, return_to).await,
        _ => Ok(see_other(&path(option, true, return_to.as_deref()))),
    }
}

/// The tickets of this browser, without those whose secret was replaced elsewhere: these end their
/// families whichever option is pressed.
async fn whole(visitor: &Visitor) -> Result<Vec<Ticket>, AppError> {
    let kept = tickets::read(visitor);
    let before = kept.len();
    let kept = remember_me::end_replayed(&visitor.app.core, kept, &visitor.origin).await?;
    if kept.len() < before {
        tickets::write(visitor, &kept);
    }
    Ok(kept)
}

/// Signs in whom this browser remembers under `selector`, or asks for everything.
pub async fn enter(
    visitor: &Visitor,
    mut kept: Vec<Ticket>,
    option: LoginOption,
    selector: &str,
    return_to: Option<String>,
) -> Result<HttpResponse, AppError> {
    let back = path(option, true, return_to.as_deref());
    let Some(position) = kept.iter().position(|t| t.selector == selector) else { return Ok(see_other(&back)) };
    let ticket = kept[position].clone();
    let entered = remember_me::enter(&visitor.app.core, option, ticket, return_to, &visitor.origin).await?;
    let Some(entered) = entered else {
        kept.remove(position);
        tickets::write(visitor, &kept);
        return Ok(see_other(&back));
    };
    if let Some(renewed) = entered.ticket {
        kept[position] = renewed;
        tickets::write(visitor, &kept);
    }
    session::enter(&visitor.handle, &entered.opened)?;
    let session = &entered.opened.session;
    let signed_in = session.stage == crate::models::Stage::SignedIn;
    let next = session.return_to.as_deref().filter(|_| signed_in);
    Ok(see_other(next.unwrap_or(crate::domain::access::page_of(session.stage))))
}

/// The people remembered under one option.
pub fn of_option(people: Vec<Person>, option: LoginOption) -> Vec<Person> {
    people.into_iter().filter(|p| p.entry.login_option == option).collect()
}

/// The page that asks for address and password. What was chosen with the box travels in the URL, so
/// that another tab's choice does not meddle.
pub fn path(option: LoginOption, remember: bool, return_to: Option<&str>) -> String {
    url(option, &[("remember", remember.then_some("1")), ("return_to", return_to)])
}

/// The same for somebody this browser does not remember.
pub fn somebody_else(option: LoginOption, remember: bool, return_to: Option<&str>) -> String {
    url(option, &[("somebody", Some("else")), ("remember", remember.then_some("1")), ("return_to", return_to)])
}

fn url(option: LoginOption, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(query.iter().filter_map(|(name, value)| Some((name, (*value)?))));
    let pairs = pairs.finish();
    let join = if pairs.is_empty() { "" } else { "?" };
    format!("/login/{option}{join}{pairs}")
}
