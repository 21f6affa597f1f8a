//! The OpenID provider of demo mode: no password, whoever comes says who they are. The portal treats it like
//! any other: issuer pinned, PKCE, nonce, signed tokens, codes that work once. Its key and its codes live in
//! this process and end with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::oidc::OidcSettings;
use crate::clock::{Timestamp, unix};
use crate::domain::limits::SANDBOX_DOMAIN_CODES;
use crate::secrets::{Secret, random};

/// Where it lives, below the portal's own address.
pub const PLACE: &str = "/sandbox/domain";
const CLIENT: &str = "vestibule-demo";
const KEY: &str = "sandbox";
/// How long a code and a token work.
const SECONDS: i64 = 60;

/// What a portal is configured with to use it. A new secret each time.
pub fn settings(public_url: &str) -> OidcSettings {
    OidcSettings {
        // Its people may use it: `domain::sample`.
        name: "Harbor Valley".into(),
        issuer: format!("{public_url}{PLACE}"),
        client_id: CLIENT.into(),
        client_secret: random::token(),
        ca_file: None,
        acr_values: Vec::new(),
        amr_values: vec!["mfa".into()],
        organization: None,
    }
}

/// What the portal asks for, as it came in the address.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub response_type: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    pub code_challenge: String,
    pub code_challenge_method: String,
}

/// Who signs in, and whether with a second factor.
#[derive(Clone, Debug)]
pub struct Picked {
    pub subject: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub username: String,
    pub second_factor: bool,
}

struct Granted {
    asked: Asked,
    picked: Picked,
    at: Timestamp,
}

/// The running provider.
pub struct SandboxDomain {
    issuer: String,
    /// `Authorization` of the one client.
    basic: Secret<String>,
    redirect_uri: String,
    key: Ed25519KeyPair,
    codes: Mutex<BTreeMap<String, Granted>>,
}

impl SandboxDomain {
    /// `None` where these settings are another provider's.
    pub fn of(settings: &OidcSettings, public_url: &str) -> Option<Self> {
        if settings.issuer != format!("{public_url}{PLACE}") {
            return None;
        }
        let client = format!("{}:{}", settings.client_id, settings.client_secret.expose());
        Some(Self {
            issuer: settings.issuer.clone(),
            basic: Secret::new(format!("Basic {}", BASE64.encode(client.as_bytes()))),
            redirect_uri: format!("{public_url}/login/domain/return"),
            key: Ed25519KeyPair::from_seed_unchecked(&random::bytes::<32>()).ok()?,
            codes: Mutex::default(),
        })
    }

    /// OpenID Connect Discovery 1.0 section 3.
    pub fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "jwks_uri": at("keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// RFC 7517, RFC 8037.
    pub fn keys(&self) -> Value {
        let x = BASE64URL_NOPAD.encode(self.key.public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KEY, "x": x}]})
    }

    /// Whether the portal of this machine asks, and asks for what is given here.
    pub fn fits(&self, asked: &Asked) -> bool {
        asked.response_type == "code"
            && asked.client_id == CLIENT
            && asked.redirect_uri == self.redirect_uri
            && asked.code_challenge_method == "S256"
            && [&asked.state, &asked.nonce, &asked.code_challenge].iter().all(|part| part.len() == 43)
    }

    /// Where the browser goes back to, with a code. RFC 6749 section 4.1.2, RFC 9207.
    pub fn grant(&self, asked: Asked, picked: Picked, now: Timestamp) -> String {
        let code = random::token().expose().clone();
        let answer = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", &code), ("state", &asked.state), ("iss", &self.issuer)])
            .finish();
        let back = format!("{}?{answer}", self.redirect_uri);
        let mut codes = self.codes();
        codes.retain(|_, granted| is_fresh(granted, now));
        if codes.len() < SANDBOX_DOMAIN_CODES {
            codes.insert(code, Granted { asked, picked, at: now });
        }
        back
    }

    /// Trades a code, once. `None` for whatever does not belong together.
    pub fn token(&self, authorization: &str, form: &BTreeMap<String, String>, now: Timestamp) -> Option<Value> {
        let part = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let granted = self.codes().remove(part("code"))?;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(part("code_verifier").as_bytes()));
        let fits = bool::from(authorization.as_bytes().ct_eq(self.basic.expose().as_bytes()))
            && part("grant_type") == "authorization_code"
            && part("redirect_uri") == granted.asked.redirect_uri
            && challenge == granted.asked.code_challenge
            && is_fresh(&granted, now);
        fits.then(|| {
            json!({
                "access_token": random::token().expose(), "token_type": "Bearer", "expires_in": SECONDS,
                "id_token": self.id_token(&granted, now),
            })
        })
    }

    /// OpenID Connect Core 1.0 section 2.
    fn id_token(&self, granted: &Granted, now: Timestamp) -> String {
        let Granted { asked, picked, at } = granted;
        let amr: &[&str] = if picked.second_factor { &["pwd", "mfa"] } else { &["pwd"] };
        let issued = unix(now);
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": picked.subject, "nonce": asked.nonce,
            "iat": issued, "exp": issued.saturating_add_signed(SECONDS), "auth_time": unix(*at), "amr": amr,
            "email": picked.email, "email_verified": true, "preferred_username": picked.username,
            "given_name": picked.first_name, "family_name": picked.last_name,
        });
        let encode = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        let signed = format!("{}.{}", encode(&json!({"alg": "EdDSA", "typ": "JWT", "kid": KEY})), encode(&claims));
        let signature = BASE64URL_NOPAD.encode(self.key.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    fn codes(&self) -> MutexGuard<'_, BTreeMap<String, Granted>> {
        // Nothing is half-written when a holder panics.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(granted: &Granted, now: Timestamp) -> bool {
    granted.at <= now && now < granted.at + time::Duration::seconds(SECONDS)
}
