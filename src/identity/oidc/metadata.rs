//! How the provider describes itself. OpenID Connect Discovery 1.0 section 3.

use reqwest::Url;
use serde::Deserialize;

use super::settings::{is_nowhere, is_private};
use super::{OidcError, OidcSettings};

#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    /// Whether an answer has to name its issuer. RFC 9207 section 3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// The pinned issuer's own, with endpoints that may be called. ASVS 10.2.2, 13.2.4.
    pub fn check(&self, settings: &OidcSettings) -> Result<(), OidcError> {
        if self.issuer != settings.issuer {
            return Err(OidcError::Untrusted("its metadata is of another issuer"));
        }
        let challenges = self.code_challenge_methods_supported.as_ref();
        if challenges.is_some_and(|methods| !methods.iter().any(|m| m == "S256")) {
            return Err(OidcError::Untrusted("it knows no PKCE with S256"));
        }
        let home = Url::parse(&settings.issuer).ok();
        let home = home.as_ref().and_then(Url::host_str).unwrap_or_default();
        let required = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        for endpoint in required.into_iter().chain(&self.userinfo_endpoint) {
            if !may_be_called(endpoint, home, settings.is_clear()) {
                return Err(OidcError::Untrusted("its metadata leads where no provider is"));
            }
        }
        Ok(())
    }

    /// What is taken where it says nothing. OpenID Connect Core 1.0 section 9.
    pub fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|methods| methods.iter().any(|m| m == "client_secret_basic"))
    }
}

/// Over TLS (or beside us, where the issuer is), and into our own network only where the issuer is there.
fn may_be_called(endpoint: &str, home: &str, clear: bool) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let Some(host) = url.host_str() else { return false };
    let scheme = url.scheme() == "https" || (clear && url.scheme() == "http" && host == home);
    scheme && !is_nowhere(host) && (host == home || !is_private(host)) && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_lie_where_a_provider_is() {
        for (endpoint, home, clear, fits) in [
            ("https://id.example.org/token", "id.example.org", false, true),
            ("https://oauth2.example.com/token", "id.example.org", false, true),
            ("http://id.example.org/token", "id.example.org", false, false),
            ("https://169.254.169.254/latest", "id.example.org", false, false),
            ("https://10.0.0.5/token", "id.example.org", false, false),
            ("https://10.0.0.5/token", "10.0.0.5", false, true),
            ("https://localhost/token", "id.example.org", false, false),
            ("http://127.0.0.1:9000/token", "127.0.0.1", true, true),
            ("http://127.0.0.1:9000/token", "127.0.0.1", false, false),
            ("http://10.0.0.5/token", "127.0.0.1", true, false),
            ("file:///etc/passwd", "id.example.org", false, false),
            ("https://user@id.example.org/token", "id.example.org", false, false),
        ] {
            assert_eq!(may_be_called(endpoint, home, clear), fits, "{endpoint} for {home}");
        }
    }
}
