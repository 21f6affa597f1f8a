//! What every outward connection shares: time-outs, TLS, and how a bad setting is named.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use super::sender::SendError;

/// How long one hand-over may take. ASVS 13.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Opening the TCP connection.
    pub connect: Duration,
    /// Everything together, waiting for a free connection included.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(10) }
    }
}

impl Limits {
    /// The error of a hand-over that took longer than `total`.
    pub(super) fn exceeded(&self, whom: &str) -> SendError {
        SendError::retry(format!("{whom} did not answer within {:?}", self.total))
    }
}

/// A setting that is missing or unsafe: its name, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct SettingError {
    pub setting: &'static str,
    pub why: String,
}

impl SettingError {
    pub fn new(setting: &'static str, why: impl Into<String>) -> Self {
        Self { setting, why: why.into() }
    }
}

/// Makes ring the process's TLS implementation, unless one was chosen before. reqwest panics without.
pub fn use_ring() {
    // An error means that it was done before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether a host, as written in a setting or a URL, is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Reads the own certificate authority of a connection.
pub fn read_ca(setting: &'static str, file: &Path) -> Result<Vec<u8>, SettingError> {
    std::fs::read(file).map_err(|e| SettingError::new(setting, format!("cannot read {}: {e}", file.display())))
}
