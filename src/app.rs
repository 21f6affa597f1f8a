//! `App`: what every part of a running portal shares.

use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::domain::Core;
use crate::domain::sample::SampleData;
use crate::outbox::sandbox::SandboxSender;

/// One node of the portal.
pub struct App {
    pub config: Config,
    pub core: Core,
    /// There only in demo mode.
    pub sandbox: Option<Sandbox>,
}

/// What demo mode has besides: switches for its senders, and what the sample people were given.
#[derive(Clone)]
pub struct Sandbox {
    pub sender: SandboxSender,
    /// Filled in once the sample people are in the database.
    pub sample: Arc<OnceLock<SampleData>>,
}
