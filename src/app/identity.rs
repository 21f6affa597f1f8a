//! Who checks documents: Stripe where it is configured, the sandbox in demo mode, else nobody. And who
//! answers for domain accounts.

use std::sync::Arc;

use time::Duration;

use super::App;
use crate::config::{Config, Problem};
use crate::domain::Core;
use crate::domain::limits::IDENTITY_RECORD;
use crate::identity::IdentityProvider;
use crate::identity::oidc::Oidc;
use crate::identity::sandbox::SandboxIdentity;
use crate::identity::sandbox_domain::{self, SandboxDomain};
use crate::identity::stripe::Stripe;

pub fn provider(config: &Config, core: &Core) -> Result<Option<Arc<dyn IdentityProvider>>, Problem> {
    if let Some(settings) = &config.stripe {
        let stripe = Stripe::new(settings).map_err(|e| Problem::new(e.setting, e.why))?;
        return Ok(Some(Arc::new(stripe)));
    }
    if !config.demo {
        return Ok(None);
    }
    let (db, clock, public_url) = (core.db.clone(), core.clock.clone(), config.public_url.clone());
    Ok(Some(Arc::new(SandboxIdentity { db, clock, public_url })))
}

/// The provider of domain accounts.
pub fn domain(config: &Config) -> Result<Option<Arc<Oidc>>, Problem> {
    let Some(settings) = &config.oidc else { return Ok(None) };
    let oidc = Oidc::new(settings, &config.public_url).map_err(|e| Problem::new(e.setting, e.why))?;
    Ok(Some(Arc::new(oidc)))
}

/// Gives demo mode a provider to press **LOGIN** for, on this machine alone: the portal asks itself for its
/// tokens.
pub fn use_sandbox_domain(config: &mut Config) {
    if config.demo && config.oidc.is_none() && config.listen.ip().is_loopback() {
        config.oidc = Some(sandbox_domain::settings(&config.public_url));
    }
}

/// Demo mode's own provider of domain accounts, where the portal is told to use it: on this machine alone.
pub fn own_domain(config: &Config) -> Option<Arc<SandboxDomain>> {
    let settings = config.oidc.as_ref().filter(|_| config.demo && config.listen.ip().is_loopback())?;
    SandboxDomain::of(settings, &config.public_url).map(Arc::new)
}

impl App {
    /// After how long the provider is told to redact its record.
    pub fn identity_record(&self) -> Duration {
        self.config.stripe.as_ref().map_or(IDENTITY_RECORD, |s| Duration::days(s.redact_after_days))
    }
}
