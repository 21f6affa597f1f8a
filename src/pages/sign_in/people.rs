//! Several people are remembered in this browser: who is it?

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{flow, options};
use crate::domain::remember_me::Person;
use crate::error::AppError;
use crate::models::LoginOption;
use crate::web::form::Form;
use crate::web::guards::login_and_back;
use crate::web::view::{Frame, initials};
use crate::web::visitor::Visitor;
use crate::web::{return_to, tickets};

/// GET /login/{option} while several are remembered. Posts `person` and `return_to` to
/// /login/{option}/person.
#[derive(Template)]
#[template(path = "sign_in/people.html")]
pub struct PeoplePage {
    pub frame: Frame,
    /// "phone" or "email".
    pub option: String,
    pub people: Vec<RememberedPerson>,
    pub return_to: Option<String>,
    /// **Login Options** and **Sign in as somebody else**, with the way on kept.
    pub options: String,
    pub somebody_else: String,
}

#[derive(Clone, Debug)]
pub struct RememberedPerson {
    /// Names the entry of this browser, not the user.
    pub id: String,
    pub name: String,
    pub initials: String,
    pub email: String,
    /// The clock time of the end.
    pub until: String,
}

/// The page for these people.
pub fn page_of(visitor: &Visitor, option: LoginOption, people: Vec<Person>, return_to: Option<String>) -> PeoplePage {
    PeoplePage {
        frame: visitor.frame(),
        option: option.to_string(),
        people: people.into_iter().map(line).collect(),
        options: login_and_back(return_to.as_deref()),
        somebody_else: options::somebody_else(option, true, return_to.as_deref()),
        return_to,
    }
}

fn line(person: Person) -> RememberedPerson {
    let user = &person.access.user;
    let name = user.full_name();
    let zone = person.access.zone_of_managing();
    RememberedPerson {
        id: person.entry.selector.clone(),
        initials: initials(&name),
        name,
        email: user.email.clone(),
        until: zone.clock_time(person.entry.expires_at),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    person: String,
    return_to: Option<String>,
}

/// POST /login/{option}/person.
pub async fn submit(
    visitor: Visitor,
    option: web::Path<String>,
    Form(form): Form<Picked>,
) -> Result<HttpResponse, AppError> {
    let option = flow::option(&option)?;
    let return_to = form.return_to.and_then(|path| return_to::check(&path));
    let kept = tickets::read(&visitor);
    options::enter(&visitor, kept, option, &form.person, return_to).await
}
