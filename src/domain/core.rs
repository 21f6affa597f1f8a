//! What every rule needs at hand.

use std::sync::Arc;

use tokio::sync::Notify;

use super::password::Hasher;
use super::second_step::Waiting;
use crate::clock::Clock;
use crate::db::Db;
use crate::models::FactorKind;
use crate::secrets::KeyRing;

/// Database, clock, keys and the few settings that rules read. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    pub db: Db,
    pub clock: Clock,
    pub keys: Arc<KeyRing>,
    pub hasher: Hasher,
    /// Who waits on this node for a code to be judged.
    pub code_waits: Waiting,
    /// Wakes this node's outbox worker.
    pub outbox: Arc<Notify>,
    pub settings: Arc<Settings>,
}

/// The part of the configuration that rules depend on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The installation's name, in pages, messages and authenticator apps.
    pub installation: String,
    /// Scheme and host that people reach, without a slash at the end.
    pub public_url: String,
    /// Host of `public_url`, for the last line of text messages.
    pub host: String,
    pub terms_version: String,
    /// What is accepted: paragraphs with an empty line between.
    pub terms: String,
    /// Whether the sandbox exists. Payloads are then kept, and loopback has no address limits.
    pub demo: bool,
    /// Country calling codes that may be texted and called.
    pub phone_countries: Vec<String>,
    /// Codes and calls a day for the whole installation.
    pub site_sends_per_day: i64,
    /// Whether anything carries text messages and calls: a gateway, or the sandbox.
    pub gateway: bool,
}

impl Settings {
    /// Whether a factor of this kind can be enrolled and shown in this installation: a phone only while
    /// something carries texts and calls.
    pub fn carries(&self, kind: FactorKind) -> bool {
        self.gateway || kind != FactorKind::Phone
    }
}
