//! What a reset takes from one person, in JSON and in words.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::models::FactorKind;

/// Exactly what goes, for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// Factors and unused recovery codes that are deleted, by kind.
    pub deleted: BTreeMap<FactorKind, usize>,
    /// Hardware tokens that stay assigned and have to be activated again.
    pub deactivated: usize,
    /// A pause ends.
    pub unlocked: bool,
    /// The registration begins again, and a link is mailed.
    pub registration: bool,
    /// There is a password, and it goes.
    pub password: bool,
    /// Terms were accepted, and that goes.
    pub terms: bool,
    /// The address was verified, and has to be again.
    pub address: bool,
    /// A factor has to be set up at the next sign-in, by what the organizations demand that the actor
    /// reaches.
    pub setup_required: bool,
    /// The same by what any organization demands: for the person alone.
    pub setup_due: bool,
}

impl Removal {
    pub fn is_empty(&self) -> bool {
        self.deleted.is_empty() && self.deactivated == 0 && !self.unlocked && !self.registration
    }

    /// Counts another person's in.
    pub fn add(&mut self, other: &Self) {
        for (kind, many) in &other.deleted {
            *self.deleted.entry(*kind).or_default() += many;
        }
        self.deactivated += other.deactivated;
    }

    /// As it stands in JSON.
    pub fn to_json(&self) -> Map<String, Value> {
        let deleted: Map<String, Value> =
            self.deleted.iter().map(|(kind, many)| (kind.as_str().to_owned(), json!(many))).collect();
        let mut deactivated = Map::new();
        if self.deactivated > 0 {
            deactivated.insert(FactorKind::HardwareToken.as_str().to_owned(), json!(self.deactivated));
        }
        let mut all = Map::new();
        all.insert("deleted".into(), Value::Object(deleted));
        all.insert("deactivated".into(), Value::Object(deactivated));
        all.insert("setup_required".into(), json!(self.setup_required));
        all
    }

    /// "1 authenticator app", "2 phone numbers": one entry for each kind that is deleted.
    pub fn deleted_words(&self) -> Vec<String> {
        self.deleted.iter().map(|(kind, many)| count(*kind, *many)).collect()
    }

    /// What a registration leaves, of that which is there.
    pub fn registration_words(&self) -> Vec<&'static str> {
        let parts = [
            (self.password, "the password"),
            (self.address, "the verified address"),
            (self.terms, "the accepted terms"),
        ];
        parts.into_iter().filter_map(|(there, words)| there.then_some(words)).collect()
    }

    /// "1 hardware token", where one is deactivated.
    pub fn deactivated_words(&self) -> Option<String> {
        (self.deactivated > 0).then(|| count(FactorKind::HardwareToken, self.deactivated))
    }
}

/// "1 phone number", "2 phone numbers".
fn count(kind: FactorKind, many: usize) -> String {
    let noun = match kind {
        FactorKind::Authenticator => "authenticator app",
        FactorKind::Phone => "phone number",
        FactorKind::Email => "e-mail code",
        FactorKind::HardwareToken => "hardware token",
        FactorKind::RecoveryCode => "recovery code",
        FactorKind::Domain => "domain account",
    };
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}
