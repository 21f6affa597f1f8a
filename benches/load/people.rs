//! Who signs in.

use serde::Deserialize;

use super::Failure;
use super::browser::Browser;

/// The part of /sandbox/people.json that is needed here.
#[derive(Deserialize)]
struct People {
    people: Vec<Person>,
}

#[derive(Clone, Deserialize)]
pub struct Person {
    pub user_id: String,
    pub email: String,
    pub password: Option<String>,
    operator: bool,
    account: String,
    pub managing_organization_id: Option<String>,
    memberships: Vec<Membership>,
    factors: Vec<Factor>,
}

#[derive(Clone, Deserialize)]
struct Membership {
    role: String,
}

#[derive(Clone, Deserialize)]
struct Factor {
    kind: String,
    totp_key: Option<String>,
}

/// Everybody the demo knows.
pub async fn everybody(browser: &Browser) -> Result<Vec<Person>, Failure> {
    let People { people } = serde_json::from_str(&browser.text("/sandbox/people.json").await?)?;
    Ok(people)
}

impl Person {
    /// Somebody of the crowd.
    pub fn with_authenticator(user_id: String, email: String, password: &str, totp_key: String) -> Self {
        Self {
            user_id,
            email,
            password: Some(password.to_owned()),
            operator: false,
            account: "active".into(),
            managing_organization_id: None,
            memberships: Vec::new(),
            factors: vec![Factor { kind: "authenticator".into(), totp_key: Some(totp_key) }],
        }
    }

    /// The key of the authenticator, in base32.
    pub fn totp_key(&self) -> Option<&str> {
        self.factors.iter().find_map(|factor| factor.totp_key.as_deref())
    }

    /// Signs in with a password, or with an authenticator besides and nothing else.
    pub fn plays(&self) -> bool {
        self.factors.is_empty() || (self.factors.len() == 1 && self.has_authenticator())
    }

    pub fn has_authenticator(&self) -> bool {
        self.factors.iter().any(|factor| factor.kind == "authenticator")
    }

    pub fn administers(&self) -> bool {
        self.operator || self.memberships.iter().any(|membership| membership.role != "member")
    }

    /// Whether resetting this person disturbs nobody who plays.
    pub fn may_be_reset(&self) -> bool {
        self.account == "active" && !self.plays() && !self.administers()
    }
}
