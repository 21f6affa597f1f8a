//! Several people are remembered in this browser: who is it?

use askama::Template;

use crate::web::view::Frame;

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
