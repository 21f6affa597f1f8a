//! Demo mode's organizations and people. What they are called and what they have is written here;
//! their ids and secrets are drawn at the first start and kept in `sample.json`, so that they
//! outlive restarts and a new database alike.

mod credentials;
mod file;
mod history;
mod invitations;
pub mod organizations;
pub mod people;
mod rows;
mod shows;
#[cfg(test)]
pub(crate) mod tests;
pub mod tokens;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};
use time::Duration;

pub use people::FIXED;
pub use shows::{address, shows};

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::registration_codes;
use crate::models::{self, new_id};
use crate::secrets::KeyRing;
use organizations::{ORGANIZATIONS, OrganizationSpec};
use people::{Enrolled, PEOPLE, PersonSpec};

/// The version of the terms that demo people have accepted.
pub const TERMS_VERSION: &str = "1";

/// Ids and secrets as first drawn, by the organization's key and by username. No Debug: it holds passwords.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SampleData {
    pub organizations: BTreeMap<String, SampleOrganization>,
    pub people: BTreeMap<String, SamplePerson>,
    /// Hardware tokens by serial number.
    #[serde(default)]
    pub tokens: BTreeMap<String, SampleFactor>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleOrganization {
    pub id: String,
    pub registration_code: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplePerson {
    pub user_id: String,
    pub password: Option<String>,
    /// By what was enrolled.
    pub factors: BTreeMap<String, SampleFactor>,
    pub recovery_codes: Vec<String>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleFactor {
    pub id: String,
    /// The secret of an authenticator or token, in base32.
    pub key: Option<String>,
}

impl SampleData {
    /// Username and password of everybody who has one: what is to be hashed before `seed`.
    pub fn passwords(&self) -> impl Iterator<Item = (&str, &str)> {
        self.people.iter().filter_map(|(username, person)| Some((username.as_str(), person.password.as_deref()?)))
    }

    fn organization(&self, key: &str) -> Result<&SampleOrganization, Fault> {
        self.organizations.get(key).ok_or_else(|| Fault::Other(format!("{} has no organization {key}", file::NAME)))
    }

    fn person(&self, username: &str) -> Result<&SamplePerson, Fault> {
        self.people.get(username).ok_or_else(|| Fault::Other(format!("{} has no {username}", file::NAME)))
    }

    /// Draws what is not there yet: everything, or what a newer version has added.
    fn complete(&mut self, now: Timestamp) {
        for spec in ORGANIZATIONS {
            self.organizations.entry(spec.key.into()).or_insert_with(|| SampleOrganization {
                id: new_id(founded(now)),
                registration_code: registration_codes::draw(),
            });
        }
        for (index, spec) in PEOPLE.iter().enumerate() {
            let joined = joined(index, now);
            let person = self.people.entry(spec.username.into()).or_insert_with(|| SamplePerson {
                user_id: new_id(joined),
                password: spec.has_password().then(credentials::password),
                factors: BTreeMap::new(),
                recovery_codes: Vec::new(),
            });
            for (minutes, enrolled) in (0..).zip(spec.enrolled) {
                if *enrolled != Enrolled::Codes {
                    person.factors.entry(enrolled.key().into()).or_insert_with(|| SampleFactor {
                        // One after the other: lists sort by id.
                        id: new_id(joined + Duration::minutes(minutes)),
                        key: enrolled.has_key().then(credentials::totp_key),
                    });
                } else if person.recovery_codes.is_empty() {
                    person.recovery_codes = credentials::recovery_codes();
                }
            }
        }
        tokens::complete(self, now);
    }
}

/// Reads `sample.json` in `data_dir`, or draws ids and secrets and writes it (mode 0600). The file
/// comes before the rows: after a crash in between, the next start seeds from it.
pub fn load_or_create(data_dir: &Path, now: Timestamp) -> Result<SampleData, Fault> {
    let found = file::read(data_dir)?;
    let mut data = found.clone().unwrap_or_default();
    data.complete(now);
    if found.as_ref() != Some(&data) {
        file::write(data_dir, &data)?;
    }
    Ok(data)
}

/// Whether there is anything in the database already: then nothing is seeded.
pub fn is_seeded(conn: &mut DbConnection) -> Result<bool, Fault> {
    Ok(!models::organizations::list_all(conn, 1)?.is_empty() || !models::users::list_after(conn, "", 1)?.is_empty())
}

/// Writes all organizations and people, or nothing where there is something already. Call it inside
/// `Db::write`, so that it is one transaction. `hashes` holds the PHC string of every password by
/// username.
pub fn seed(
    conn: &mut DbConnection,
    data: &SampleData,
    hashes: &HashMap<String, String>,
    keys: &KeyRing,
    now: Timestamp,
) -> Result<(), Fault> {
    if is_seeded(conn)? {
        return Ok(());
    }
    for spec in ORGANIZATIONS {
        rows::organization(conn, data, spec, now)?;
    }
    for (index, spec) in PEOPLE.iter().enumerate() {
        rows::person(conn, data, spec, index, hashes, now)?;
        for enrolled in spec.enrolled {
            rows::factor(conn, data, spec, index, *enrolled, keys, now)?;
        }
        history::of_person(conn, data, spec, index, now)?;
        invitations::of_person(conn, data, spec, index, now)?;
    }
    tokens::seed(conn, data, keys, now)?;
    history::notices(conn, data, now)
}

fn spec_of(key: &str) -> Result<&'static OrganizationSpec, Fault> {
    organizations::spec(key).ok_or_else(|| Fault::Other(format!("there is no sample organization {key}")))
}

/// The sign-in name: whoever knows a username knows the address.
fn email(spec: &PersonSpec) -> Result<String, Fault> {
    Ok(format!("{}@{}", spec.username, spec_of(spec.mail_at)?.domain))
}

/// When the organizations came to be.
fn founded(now: Timestamp) -> Timestamp {
    now - Duration::days(500)
}

/// When somebody joined: one after the other over the last year and a bit.
fn joined(index: usize, now: Timestamp) -> Timestamp {
    founded(now) + Duration::days(30 + 6 * i64::try_from(index).unwrap_or(0))
}
