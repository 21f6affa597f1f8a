//! Every setting, read from TOML and the environment and checked once.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::outbox::email::SmtpSettings;
use crate::outbox::twilio::TwilioSettings;

/// The configuration of one node.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether this is demo mode: sandbox, sample people, plain cookies on loopback.
    pub demo: bool,
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub database_pool: u32,
    /// Scheme and host that people reach, without a slash at the end.
    pub public_url: String,
    pub installation: String,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Certificate chain and key in PEM, when the node serves TLS itself.
    pub tls: Option<TlsFiles>,
    pub smtp: Option<SmtpSettings>,
    pub twilio: Option<TwilioSettings>,
    /// Country calling codes that may be texted and called.
    pub phone_countries: Vec<String>,
    pub site_sends_per_day: i64,
    pub terms_version: String,
    /// Seconds the clock is moved by; demo mode only.
    pub clock_offset: i64,
}

#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Config {
    /// Whether cookies carry `Secure` and the `__Host-` name: always, save in demo mode on loopback.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
