//! The HTTP client of a provider: one host, over verified TLS, and no redirects. ASVS 12.3.1, 13.2.4, 13.2.5.

use std::path::Path;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Url};

use super::network::{Limits, SettingError, is_loopback, read_ca, use_ring};

/// What a provider's settings are called, so that a refusal names them.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    pub base_url: &'static str,
    pub ca_file: &'static str,
}

impl Names {
    /// The address without a slash at its end. Refuses what is no URL, goes over the network in the clear, or
    /// holds more than scheme, host and path.
    pub fn base(self, base_url: &str) -> Result<String, SettingError> {
        let bad = |why: &str| SettingError::new(self.base_url, why);
        let url = Url::parse(base_url).map_err(|_| bad("is not a URL"))?;
        let clear = url.scheme() == "http" && url.host_str().is_some_and(is_loopback);
        if url.scheme() != "https" && !clear {
            return Err(bad("must begin with https:// unless it is this machine"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("must have no user, query or fragment"));
        }
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    /// A client for this base address. With `ca_file` (PEM) only those authorities are trusted, else the
    /// system's. It keeps `idle` connections at most.
    pub fn client(
        self,
        base: &str,
        ca_file: Option<&Path>,
        limits: Limits,
        idle: usize,
    ) -> Result<Client, SettingError> {
        use_ring();
        let mut builder = Client::builder()
            .https_only(base.starts_with("https:"))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .pool_max_idle_per_host(idle);
        if let Some(file) = ca_file {
            let bad = || SettingError::new(self.ca_file, "holds no PEM certificate");
            let found = Certificate::from_pem_bundle(&read_ca(self.ca_file, file)?).map_err(|_| bad())?;
            if found.is_empty() {
                return Err(bad());
            }
            builder = builder.tls_certs_only(found);
        }
        builder.build().map_err(|e| SettingError::new(self.base_url, e.to_string()))
    }
}
