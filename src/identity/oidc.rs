//! Domain accounts by OpenID Connect: the authorization code flow with PKCE against one provider, whose
//! issuer is pinned in the configuration. Signatures are judged by ring, claims by `id_token`; tokens
//! stay here and are dropped after use. OpenID Connect Core 1.0, RFC 7636, RFC 9207; ASVS 10.1 to 10.5.

mod http;
pub mod id_token;
pub mod keys;
mod metadata;
mod settings;
mod told;

use data_encoding::BASE64URL_NOPAD;
use reqwest::Client;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::clock::Clock;
use crate::domain::limits::{OIDC_AUTHENTICATED, OIDC_KEYS_AGAIN, OIDC_METADATA, OIDC_WAITING};
use crate::outbox::https::Names;
use crate::outbox::network::{Limits, SettingError};
use crate::secrets::Secret;
use id_token::{Broken, Expected, Identity};
use keys::Key;
use metadata::Metadata;
pub use settings::OidcSettings;
use told::Told;

/// Nothing else is asked for. ASVS 10.2.3.
const SCOPE: &str = "openid email profile";

/// Why somebody is not let in. None of it is shown to them. ASVS 16.5.2.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the domain's provider cannot be reached: {0}")]
    Unreachable(&'static str),
    #[error("the domain's provider refused: {0}")]
    Refused(String),
    #[error("the domain's provider is not to be believed: {0}")]
    Untrusted(&'static str),
}

/// Three values that tie an answer to the browser that asked, 32 bytes each. ASVS 10.1.2, 10.2.1.
pub struct Ties {
    pub state: String,
    pub nonce: String,
    /// PKCE's; leaves here only for the token endpoint.
    pub verifier: Secret<String>,
}

impl Ties {
    /// PKCE's S256. RFC 7636 section 4.2.
    fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.expose().as_bytes()))
    }
}

/// What the provider's answer said in its address.
pub struct Answer {
    pub code: Secret<String>,
    /// RFC 9207.
    pub issuer: Option<String>,
}

/// The one provider, and what is known of it in this process.
pub struct Oidc {
    settings: OidcSettings,
    redirect_uri: String,
    client: Client,
    metadata: Told<Metadata>,
    keys: Told<Vec<Key>>,
    /// Places for requests that wait for it.
    waiting: Semaphore,
}

/// What its settings are called.
const NAMES: Names = Names { base_url: "oidc.issuer", ca_file: "oidc.ca_file" };

impl Oidc {
    /// `public_url` is our own address, which the provider sends people back to.
    pub fn new(settings: &OidcSettings, public_url: &str) -> Result<Self, SettingError> {
        settings.validate()?;
        Ok(Self {
            client: NAMES.client(&settings.issuer, settings.ca_file.as_deref(), Limits::default(), 2)?,
            redirect_uri: format!("{public_url}/login/domain/return"),
            settings: settings.clone(),
            metadata: Told::default(),
            keys: Told::default(),
            waiting: Semaphore::new(OIDC_WAITING),
        })
    }

    pub fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    /// Where the person signs in at the provider, with the host's name. `again` wants everything shown
    /// anew, whatever the provider remembers.
    pub async fn authorize_url(&self, ties: &Ties, again: bool, clock: &Clock) -> Result<(String, String), OidcError> {
        let _place = self.place()?;
        let metadata = self.metadata(clock).await?;
        let bad = |_| OidcError::Untrusted("its authorization endpoint is no URL");
        let mut url = Url::parse(&metadata.authorization_endpoint).map_err(bad)?;
        let (challenge, acr) = (ties.challenge(), self.settings.acr_values.join(" "));
        let max_age = if again { 0 } else { OIDC_AUTHENTICATED.whole_seconds() }.to_string();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", &ties.state)
            .append_pair("nonce", &ties.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("max_age", &max_age);
        if again {
            query.append_pair("prompt", "login");
        }
        if !acr.is_empty() {
            query.append_pair("acr_values", &acr);
        }
        drop(query);
        Ok((url.host_str().unwrap_or_default().to_owned(), url.into()))
    }

    /// Trades the code of an answer for what the provider says of the person. The code is sent once,
    /// and only after the answer's issuer was looked at. ASVS 10.2.2.
    pub async fn redeem(&self, answer: &Answer, ties: &Ties, clock: &Clock) -> Result<Identity, OidcError> {
        let _place = self.place()?;
        let metadata = self.metadata(clock).await?;
        match &answer.issuer {
            Some(issuer) if *issuer != self.settings.issuer => {
                return Err(OidcError::Untrusted("the answer names another issuer"));
            }
            None if metadata.authorization_response_iss_parameter_supported => {
                return Err(OidcError::Untrusted("the answer names no issuer"));
            }
            _ => {}
        }
        let tokens = self.tokens(&metadata, answer, ties).await?;
        let mut identity = self.judge(&metadata, &tokens, ties, clock).await?;
        if identity.email.is_none()
            && let (Some(url), Some(token)) = (&metadata.userinfo_endpoint, &tokens.access_token)
        {
            let request = self.client.get(url).bearer_auth(token.expose());
            let told: id_token::Person = http::read(http::send(request).await?).await?;
            identity.learn(told)?;
        }
        Ok(identity)
    }

    async fn tokens(&self, metadata: &Metadata, answer: &Answer, ties: &Ties) -> Result<Tokens, OidcError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", answer.code.expose()),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", ties.verifier.expose()),
        ];
        let (id, secret) = (self.settings.client_id.as_str(), self.settings.client_secret.expose().as_str());
        let request = self.client.post(&metadata.token_endpoint);
        let request = if metadata.takes_basic() {
            // Both are form-encoded first: RFC 6749 section 2.3.1.
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request.basic_auth(encoded(id), Some(encoded(secret)))
        } else {
            form.extend([("client_id", id), ("client_secret", secret)]);
            request
        };
        http::read(http::send(request.form(&form)).await?).await
    }

    /// Judges the ID token, with keys read anew where its key is not among those known.
    async fn judge(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        ties: &Ties,
        clock: &Clock,
    ) -> Result<Identity, OidcError> {
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &ties.nonce,
            access_token: tokens.access_token.as_ref().map(|t| t.expose().as_str()),
            now: clock.now(),
        };
        let keys = self.keys(metadata, false, clock).await?;
        let judged = match id_token::judge(tokens.id_token.expose(), &keys, &expected) {
            Err(Broken::UnknownKey) => {
                let keys = self.keys(metadata, true, clock).await?;
                id_token::judge(tokens.id_token.expose(), &keys, &expected)
            }
            judged => judged,
        };
        judged.map_err(|broken| OidcError::Untrusted(broken.why()))
    }

    /// The provider's description of itself, read once an hour.
    async fn metadata(&self, clock: &Clock) -> Result<Metadata, OidcError> {
        let ask = async {
            let request = self.client.get(self.settings.discovery_url());
            let read: Metadata = http::read(http::send(request).await?).await?;
            read.check(&self.settings).map(|()| read)
        };
        self.metadata.get(OIDC_METADATA, clock, ask).await
    }

    /// The provider's public keys: read once an hour, and again for a key that is not among them
    /// (`missed`), but not twice within five minutes. What cannot be read is no key.
    async fn keys(&self, metadata: &Metadata, missed: bool, clock: &Clock) -> Result<Vec<Key>, OidcError> {
        let life = if missed { OIDC_KEYS_AGAIN } else { OIDC_METADATA };
        let ask = async {
            let read: keys::Set = http::read(http::send(self.client.get(&metadata.jwks_uri)).await?).await?;
            Ok(read.usable())
        };
        self.keys.get(life, clock, ask).await
    }

    /// A place among those who wait; a provider that hangs holds up so many requests and no more.
    fn place(&self) -> Result<SemaphorePermit<'_>, OidcError> {
        self.waiting.try_acquire().map_err(|_| OidcError::Unreachable("too many wait for it"))
    }
}

/// What the token endpoint answers; dropped with the request. ASVS 10.1.1.
#[derive(Deserialize)]
struct Tokens {
    id_token: Secret<String>,
    access_token: Option<Secret<String>>,
}
