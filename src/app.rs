//! `App`: what every part of a running portal shares, and how it is put together.

mod identity;
mod limits;
pub mod metrics;
mod sample;
mod senders;
mod server;
mod stopping;

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::{Config, Problem, keys};
use crate::db::{Db, Fault};
use crate::domain::Core;
use crate::domain::core::Settings;
use crate::domain::password::Hasher;
use crate::domain::restored;
use crate::domain::sample::SampleData;
use crate::domain::second_step::Waiting;
use crate::identity::IdentityProvider;
use crate::identity::oidc::Oidc;
use crate::identity::sandbox_domain::SandboxDomain;
use crate::outbox::network::use_ring;
use crate::outbox::sandbox::SandboxSender;
use crate::secrets::KeyRing;

pub use identity::use_sandbox_domain;
pub use server::run;
pub use stopping::Stopping;

/// One node of the portal.
pub struct App {
    pub config: Config,
    pub core: Core,
    /// There only in demo mode.
    pub sandbox: Option<Sandbox>,
    /// Who checks documents, if anybody.
    pub identity: Option<Arc<dyn IdentityProvider>>,
    /// Who answers for domain accounts, if anybody.
    pub oidc: Option<Arc<Oidc>>,
}

/// What demo mode has besides: switches for its senders, and what the sample people were given.
#[derive(Clone)]
pub struct Sandbox {
    pub sender: SandboxSender,
    /// The provider of domain accounts, unless another one is configured.
    pub domain: Option<Arc<SandboxDomain>>,
    /// Filled in once the sample people are in the database.
    pub sample: Arc<OnceLock<SampleData>>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{0}")]
    Setting(Problem),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("the password threads did not start: {0}")]
    Threads(#[from] std::io::Error),
}

impl From<Problem> for BuildError {
    fn from(problem: Problem) -> Self {
        Self::Setting(problem)
    }
}

impl App {
    /// Opens the database, brings its schema up to date, reads the keys, starts the password threads.
    /// Blocks for as long as that takes.
    pub fn build(config: Config) -> Result<Self, BuildError> {
        use_ring();
        metrics::install();
        prepare_data_dir(&config)?;
        let keys = key_ring(&config)?;
        let db = open_database(&config)?;
        db.examine()?;
        db.migrate()?;
        let core = Core {
            db,
            clock: Clock::with_offset(config.clock_offset),
            keys: Arc::new(keys),
            hasher: Hasher::start()?,
            code_waits: Waiting::default(),
            outbox: Arc::new(Notify::new()),
            settings: Arc::new(settings(&config)),
        };
        let domain = identity::own_domain(&config);
        let sandbox = config.demo.then(|| Sandbox { sender: SandboxSender::default(), domain, sample: Arc::default() });
        let identity = identity::provider(&config, &core)?;
        let oidc = identity::domain(&config)?;
        Ok(Self { config, core, sandbox, identity, oidc })
    }
}

/// Before anything is served or worked on: a database that was put back from a copy lets nobody in who was in.
pub async fn notice_restore(app: &App) -> Result<(), Fault> {
    if let Some(ended) = restored::notice(&app.core).await? {
        tracing::warn!(%ended, "this database was put back from a copy: what was open in it has ended");
    }
    Ok(())
}

/// The database of a configuration, as it is.
pub fn open_database(config: &Config) -> Result<Db, Fault> {
    Db::open(config.database_url.expose(), config.database_pool)
}

/// The keys of a configuration; demo mode makes its own at the first start.
pub fn key_ring(config: &Config) -> Result<KeyRing, Problem> {
    let file = if config.demo { keys::load_or_create(&config.key_file) } else { keys::load(&config.key_file) };
    file?.ring()
}

/// Demo mode brings its own folder; elsewhere the operator says where things lie.
fn prepare_data_dir(config: &Config) -> Result<(), Problem> {
    use std::os::unix::fs::DirBuilderExt;
    if !config.demo {
        return Ok(());
    }
    let dir = &config.data_dir;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|e| Problem::new("VESTIBULE_DATA_DIR", format!("{} cannot be made: {e}", dir.display())))
}

fn settings(config: &Config) -> Settings {
    Settings {
        installation: config.installation.clone(),
        public_url: config.public_url.clone(),
        host: config.host(),
        terms_version: config.terms_version.clone(),
        terms: config.terms.clone(),
        demo: config.demo,
        phone_countries: config.phone_countries.clone(),
        site_sends_per_day: config.site_sends_per_day,
        gateway: config.demo || config.twilio.is_some(),
    }
}
