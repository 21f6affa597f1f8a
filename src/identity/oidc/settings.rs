//! What an operator says about the provider of domain accounts.

use std::net::IpAddr;
use std::path::PathBuf;

use reqwest::Url;

use crate::outbox::network::{SettingError, is_loopback};
use crate::secrets::Secret;

/// One provider, for the organizations that name it.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// "Use this login button if you have a NAME domain account."
    pub name: String,
    /// Compared as text with what tokens and metadata say.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret<String>,
    /// PEM; when given, only these authorities are trusted, else the system's.
    pub ca_file: Option<PathBuf>,
    /// Values of `acr` that prove a second factor; they are asked for, too.
    pub acr_values: Vec<String>,
    /// Values of `amr` (RFC 8176) each of which proves a second factor.
    pub amr_values: Vec<String>,
    /// Id, NPI or exact name of the organization that people without an account arrive in; without,
    /// they are turned away.
    pub organization: Option<String>,
}

impl OidcSettings {
    /// Refuses what is missing or unsafe. ASVS 12.3.1, 13.2.4.
    pub fn validate(&self) -> Result<(), SettingError> {
        let bad = |why: &str| Err(SettingError::new("oidc.issuer", why));
        let Ok(url) = Url::parse(&self.issuer) else { return bad("is not a URL") };
        if url.scheme() != "https" && !(url.scheme() == "http" && url.host_str().is_some_and(is_loopback)) {
            return bad("must begin with https:// unless it is this machine");
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return bad("must have no user, query or fragment");
        }
        if url.host_str().is_none_or(is_nowhere) {
            return bad("must be a host that an identity provider can have");
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(SettingError::new("oidc.name", "must be 1 to 60 characters on one line"));
        }
        if self.client_id.is_empty() || !self.client_id.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Err(SettingError::new("oidc.client_id", "must be what the provider calls this portal"));
        }
        if self.client_secret.expose().len() < 16 {
            let why = "must have 16 characters or more, drawn at random by the provider";
            return Err(SettingError::new("oidc.client_secret", why));
        }
        let is_word = |v: &String| !v.is_empty() && v.bytes().all(|b| b.is_ascii_graphic());
        if !self.acr_values.iter().all(is_word) {
            return Err(SettingError::new("oidc.acr_values", "must hold words without spaces"));
        }
        if !self.amr_values.iter().all(is_word) {
            return Err(SettingError::new("oidc.amr_values", "must hold words without spaces"));
        }
        if let Some(word) = self.amr_values.iter().find(|v| SINGLE.contains(&v.as_str())) {
            let why = format!("{word} is a first factor, so it proves no second one");
            return Err(SettingError::new("oidc.amr_values", why));
        }
        Ok(())
    }

    /// OpenID Connect Discovery 1.0 section 4.
    pub(super) fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// Only a provider on this machine goes without TLS.
    pub(super) fn is_clear(&self) -> bool {
        self.issuer.starts_with("http:")
    }
}

/// Methods of RFC 8176 that say nothing about a second factor.
const SINGLE: [&str; 6] = ["pwd", "pin", "kba", "rba", "geo", "user"];

/// Where no provider is: the metadata services of clouds, and addresses of no host. ASVS 13.2.5.
pub(super) fn is_nowhere(host: &str) -> bool {
    let Ok(ip) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() else {
        return host.eq_ignore_ascii_case("metadata.google.internal");
    };
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast(),
    }
}

/// Addresses of one's own network.
pub(super) fn is_private(host: &str) -> bool {
    let Ok(ip) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() else {
        return is_loopback(host);
    };
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64,
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(issuer: &str) -> OidcSettings {
        OidcSettings {
            name: "Northwind".into(),
            issuer: issuer.into(),
            client_id: "vestibule".into(),
            client_secret: Secret::new("a secret of some length".into()),
            ca_file: None,
            acr_values: Vec::new(),
            amr_values: vec!["mfa".into()],
            organization: None,
        }
    }

    fn refused(settings: &OidcSettings) -> Option<&'static str> {
        settings.validate().err().map(|e| e.setting)
    }

    #[test]
    fn unsafe_settings_are_refused_by_name() {
        for good in ["https://id.example.org", "https://id.example.org/realms/a", "http://127.0.0.1:9000"] {
            assert_eq!(refused(&with(good)), None, "{good}");
        }
        for bad in [
            "id.example.org",
            "http://id.example.org",
            "https://user@id.example.org",
            "https://id.example.org/?a=b",
            "https://169.254.169.254",
            "https://[fe80::1]",
            "https://[::ffff:169.254.169.254]",
            "https://metadata.google.internal",
            "https://0.0.0.0",
        ] {
            assert_eq!(refused(&with(bad)), Some("oidc.issuer"), "{bad}");
        }
        let good = || with("https://id.example.org");
        assert_eq!(refused(&OidcSettings { name: " ".into(), ..good() }), Some("oidc.name"));
        assert_eq!(refused(&OidcSettings { client_id: String::new(), ..good() }), Some("oidc.client_id"));
        let short = Secret::new("short".to_owned());
        assert_eq!(refused(&OidcSettings { client_secret: short, ..good() }), Some("oidc.client_secret"));
        assert_eq!(refused(&OidcSettings { amr_values: vec!["pwd".into()], ..good() }), Some("oidc.amr_values"));
        assert_eq!(refused(&OidcSettings { acr_values: vec!["a b".into()], ..good() }), Some("oidc.acr_values"));
    }
}
