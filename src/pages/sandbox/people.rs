//! Sample people and organizations, with all that is needed to sign in as them.

use askama::Template;

use crate::web::view::{Badge, Frame};

/// GET /sandbox/people?q=.
#[derive(Template, Default)]
#[template(path = "sandbox/people.html")]
pub struct PeoplePage {
    pub frame: Frame,
    pub search: String,
    pub people: Vec<SamplePerson>,
    pub organizations: Vec<SampleOrganization>,
}

impl PeoplePage {
    fn tab(&self) -> &'static str {
        "people"
    }
}

#[derive(Clone, Debug, Default)]
pub struct SamplePerson {
    pub name: String,
    pub username: String,
    pub email: String,
    /// As first seeded.
    pub password: Option<String>,
    /// What to try with this person, in one line; may be empty.
    pub shows: String,
    /// Locked, disabled, invited, unfinished; `None` when all is well.
    pub state: Option<Badge>,
    pub factors: Vec<SampleFactor>,
    pub recovery_codes: Vec<String>,
    pub memberships: Vec<SampleMembership>,
    pub operator: bool,
}

#[derive(Clone, Debug, Default)]
pub struct SampleFactor {
    pub id: String,
    /// "Authenticator app", "Phone", "E-mail code".
    pub name: String,
    pub phone: Option<String>,
    /// The key for an authenticator app, in groups of four.
    pub key: Option<String>,
    /// What an app would show by this installation's clock.
    pub code_now: Option<String>,
}

#[derive(Clone, Debug)]
pub struct SampleMembership {
    pub organization: String,
    pub role: String,
}

#[derive(Clone, Debug)]
pub struct SampleOrganization {
    pub name: String,
    pub npi: Option<String>,
    pub registration_code: String,
    pub shows: String,
}
