//! Every setting, read from TOML and the environment and checked once. What is missing or unsafe is
//! refused at the start, all of it at once, each by its name. ASVS 12.1.1, 13.3.2.

pub mod keys;
mod reader;
mod serve;
mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;

use crate::domain::sandbox::MOST_OFFSET;
use crate::identity::oidc::OidcSettings;
use crate::identity::stripe::StripeSettings;
use crate::outbox::email::SmtpSettings;
use crate::outbox::twilio::TwilioSettings;
use crate::secrets::Secret;

pub use reader::{DEMO_ONLY, SETTINGS};
pub use tls::TlsFiles;

/// How the installation is called unless it says otherwise.
const INSTALLATION: &str = "Vestibule";
/// The terms that people accept when they register.
const TERMS_VERSION: &str = "1";
/// Terms to start from; an operator brings their own.
const TERMS: &str = include_str!("../templates/terms/default.txt");
/// The home country alone: other countries' numbers are where toll fraud happens.
const PHONE_COUNTRIES: &str = "1";
const SITE_SENDS_PER_DAY: i64 = 20_000;
const DATABASE_POOL: u32 = 10;
const DRAIN_SECONDS: u64 = 2;

/// The configuration of one node.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether this is demo mode: sandbox, sample people, plain cookies on loopback.
    pub demo: bool,
    pub listen: SocketAddr,
    /// Where demo mode keeps its files; elsewhere each has a setting of its own.
    pub data_dir: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; the latter may hold a password.
    pub database_url: Secret<String>,
    pub database_pool: u32,
    /// Scheme and host that people reach, without a slash at the end.
    pub public_url: String,
    pub installation: String,
    /// Whether a proxy in front of this node ends TLS.
    pub behind_proxy: bool,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Certificate chain and key in PEM, when the node serves TLS itself.
    pub tls: Option<TlsFiles>,
    /// The master key and the keys for encryption at rest; see [`keys`].
    pub key_file: PathBuf,
    /// Seconds for which a node that was asked to end goes on answering, not ready.
    pub drain_seconds: u64,
    /// Opens `/metrics` to others than this machine.
    pub metrics_token: Option<Secret<String>>,
    pub smtp: Option<SmtpSettings>,
    pub twilio: Option<TwilioSettings>,
    /// Who checks identities; without, nobody can reset their own MFA.
    pub stripe: Option<StripeSettings>,
    /// Who answers for domain accounts; without, there are none.
    pub oidc: Option<OidcSettings>,
    /// Country calling codes that may be texted and called.
    pub phone_countries: Vec<String>,
    pub site_sends_per_day: i64,
    pub terms_version: String,
    /// The text of that version.
    pub terms: String,
    /// Seconds the clock is moved by; demo mode only.
    pub clock_offset: i64,
}

/// A setting that is missing or unsafe, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub setting: String,
    pub why: String,
}

impl Problem {
    pub fn new(setting: impl Into<String>, why: impl Into<String>) -> Self {
        Self { setting: setting.into(), why: why.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.why)
    }
}

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

impl Config {
    /// Demo mode, from the environment of this process.
    pub fn demo() -> Result<Self, Vec<Problem>> {
        Self::demo_from(&environment())
    }

    /// The same with an environment of the caller's.
    pub fn demo_from(environment: &Environment) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let listen = setting(environment, "VESTIBULE_LISTEN", &mut problems, "an address such as 127.0.0.1:8080")
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        if !listen.ip().is_loopback() {
            let why = "demo mode has printed passwords, so it listens on 127.0.0.1 or [::1] only; \
                       for everything else there is `vestibule serve`";
            problems.push(Problem::new("VESTIBULE_LISTEN", why));
        }
        let data_dir: PathBuf =
            setting(environment, "VESTIBULE_DATA_DIR", &mut problems, "a folder").unwrap_or_else(|| "./data".into());
        let clock_offset =
            setting(environment, "VESTIBULE_CLOCK_OFFSET", &mut problems, "a whole number of seconds").unwrap_or(0);
        if !(-MOST_OFFSET..=MOST_OFFSET).contains(&clock_offset) {
            problems.push(Problem::new("VESTIBULE_CLOCK_OFFSET", "at most ten years either way, in seconds"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self::demo_on(listen, &data_dir, clock_offset))
    }

    /// Demo mode with everything given; tests start nodes with it.
    pub fn demo_on(listen: SocketAddr, data_dir: &Path, clock_offset: i64) -> Self {
        Self {
            demo: true,
            listen,
            data_dir: data_dir.to_owned(),
            database_url: Secret::new(format!("sqlite:{}", data_dir.join("vestibule.db").display())),
            database_pool: DATABASE_POOL,
            public_url: format!("http://{listen}"),
            installation: INSTALLATION.into(),
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            tls: None,
            key_file: data_dir.join("keys.toml"),
            drain_seconds: 0,
            metrics_token: None,
            smtp: None,
            twilio: None,
            stripe: None,
            oidc: None,
            phone_countries: vec![PHONE_COUNTRIES.into()],
            site_sends_per_day: SITE_SENDS_PER_DAY,
            terms_version: TERMS_VERSION.into(),
            terms: TERMS.into(),
            clock_offset,
        }
    }

    /// The settings of `serve`: a TOML file, and over it the environment of this process.
    pub fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        Self::load_from(path, &environment())
    }

    /// The same with an environment of the caller's.
    pub fn load_from(path: &Path, environment: &Environment) -> Result<Self, Vec<Problem>> {
        serve::load(path, environment)
    }

    /// Takes the address the socket was given, where the configured port was 0.
    pub fn listening_on(&mut self, address: SocketAddr) {
        self.listen = address;
        if self.demo {
            self.public_url = format!("http://{address}");
        }
    }

    /// Whether cookies carry `Secure` and the `__Host-` name: always, save in demo mode on loopback.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Host of `public_url`, without a port.
    pub fn host(&self) -> String {
        url::Url::parse(&self.public_url).ok().and_then(|u| u.host_str().map(Into::into)).unwrap_or_default()
    }
}

fn environment() -> Environment {
    // A variable that is not UTF-8 is none of ours.
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}

fn setting<T: std::str::FromStr>(
    environment: &Environment,
    name: &str,
    problems: &mut Vec<Problem>,
    expected: &str,
) -> Option<T> {
    let text = environment.get(name)?;
    let value = text.parse().ok();
    if value.is_none() {
        problems.push(Problem::new(name, format!("must be {expected}")));
    }
    value
}
