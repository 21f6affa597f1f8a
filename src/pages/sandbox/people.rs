//! Sample people and organizations, with all that is needed to sign in as them.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::hints;
use crate::domain::sandbox::{self, FactorView, People, PersonView, SpareToken};
use crate::error::AppError;
use crate::models::{Account, FactorKind, FactorState, Role, Scope};
use crate::web::respond::page;
use crate::web::sandbox::InSandbox;
use crate::web::view::{Badge, Frame, Kind};

/// GET /sandbox/people?q=.
#[derive(Template, Default)]
#[template(path = "sandbox/people.html")]
pub struct PeoplePage {
    pub frame: Frame,
    pub search: String,
    pub people: Vec<SamplePerson>,
    pub organizations: Vec<SampleOrganization>,
    /// Hardware tokens that can be handed out.
    pub tokens: Vec<SpareToken>,
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

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

pub async fn show(entered: InSandbox, search: web::Query<Search>) -> Result<HttpResponse, AppError> {
    let core = &entered.visitor.app.core;
    let found = sandbox::read_people(core, &entered.sandbox.sample).await?;
    let tokens = entered.sandbox.sample.get().map(|data| sandbox::spare_tokens(core, data)).unwrap_or_default();
    let People { organizations, people } = found;
    let names: HashMap<String, String> = organizations.iter().map(|o| (o.id.clone(), o.name.clone())).collect();
    let people = people.into_iter().map(|p| person(p, &names)).filter(|p| matches(p, &search.q)).collect();
    let organizations = organizations
        .into_iter()
        .map(|o| SampleOrganization {
            shows: hints::of_organization(&o),
            name: o.name,
            npi: o.npi,
            registration_code: o.registration_code.unwrap_or_else(|| "none".into()),
        })
        .collect();
    let search = search.q.trim().to_owned();
    page(&PeoplePage { frame: entered.visitor.frame(), search, people, organizations, tokens })
}

fn person(view: PersonView, organizations: &HashMap<String, String>) -> SamplePerson {
    let name_of = |id: &str| organizations.get(id).cloned().unwrap_or_default();
    SamplePerson {
        name: format!("{} {}", view.first_name, view.last_name),
        shows: hints::of_person(&view.username).to_owned(),
        state: state(&view),
        factors: view.factors.iter().map(|f| factor(f, f.organization_id.as_deref().map(name_of))).collect(),
        memberships: view
            .memberships
            .iter()
            .map(|m| SampleMembership { organization: name_of(&m.organization_id), role: role(m.role).into() })
            .collect(),
        username: view.username,
        email: view.email,
        password: view.password,
        recovery_codes: view.recovery_codes,
        operator: view.operator,
    }
}

fn state(view: &PersonView) -> Option<Badge> {
    let locked = view.memberships.iter().any(|m| m.mfa_status == "locked");
    match view.account {
        Account::Disabled => Some(Badge::new(Kind::Bad, "Disabled")),
        Account::Invited => Some(Badge::new(Kind::Info, "Invited")),
        Account::Unfinished => Some(Badge::new(Kind::Info, "Unfinished")),
        Account::Active if locked => Some(Badge::new(Kind::Bad, "Locked")),
        Account::Active => None,
    }
}

fn factor(view: &FactorView, organization: Option<String>) -> SampleFactor {
    let kind = match view.kind {
        FactorKind::Authenticator => "Authenticator app",
        FactorKind::HardwareToken => "Hardware token",
        FactorKind::Phone => "Phone",
        FactorKind::Email => "E-mail code",
        FactorKind::RecoveryCode => "Recovery codes",
        FactorKind::Domain => "Domain account",
    };
    let name = match organization.filter(|_| view.scope == Scope::Organization) {
        Some(organization) => format!("{kind}, for {organization} alone"),
        None => kind.to_owned(),
    };
    SampleFactor {
        id: view.factor_id.clone(),
        name,
        phone: view.phone.clone(),
        key: view.totp_key.as_deref().map(in_fours),
        // A token that was taken out of use still shows codes.
        code_now: view.code_now.clone().filter(|_| view.state != FactorState::SwitchedOff),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "Account Holder",
        Role::Admin => "Administrator",
        Role::Member => "Member",
    }
}

/// A key in groups of four, as people type it.
fn in_fours(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// Whether a person is one that is looked for, by name, address or organization.
fn matches(person: &SamplePerson, search: &str) -> bool {
    let wanted = search.trim().to_lowercase();
    let own = [&person.name, &person.username, &person.email];
    own.into_iter()
        .chain(person.memberships.iter().map(|m| &m.organization))
        .any(|t| t.to_lowercase().contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_any_of_their_names() {
        let person = SamplePerson {
            name: "José Núñez".into(),
            username: "jnunez".into(),
            email: "jnunez@harborvalley.example".into(),
            memberships: vec![SampleMembership { organization: "Harbor Valley Health".into(), role: "Member".into() }],
            ..SamplePerson::default()
        };
        for good in ["", "  ", "núñez", "JNUNEZ", "valley health", "@harbor"] {
            assert!(matches(&person, good), "{good}");
        }
        assert!(!matches(&person, "delta"));
    }

    #[test]
    fn a_key_is_read_in_groups_of_four() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
