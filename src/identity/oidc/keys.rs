//! The provider's public keys (RFC 7517), and signatures under them (RFC 7518, RFC 8037). Asymmetric
//! algorithms only: with HMAC the public key would be the secret. ASVS 9.1.1, 9.1.2, 6.8.2.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;

/// What the keys' address answers. One key that cannot be read does not spoil the others.
#[derive(Deserialize)]
pub struct Set {
    keys: Vec<serde_json::Value>,
}

impl Set {
    pub fn usable(self) -> Vec<Key> {
        let read = self.keys.into_iter().take(100).filter_map(|key| serde_json::from_value::<Key>(key).ok());
        read.filter(|key| key.usage.as_deref().is_none_or(|u| u == "sig")).collect()
    }
}

/// One public key.
#[derive(Clone, Deserialize)]
pub struct Key {
    kid: Option<String>,
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What may sign: the list of SECURITY, and nothing beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl Key {
    /// Whether a token may be signed with this key by this algorithm.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => self.kty == "RSA",
            Algorithm::Es256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            Algorithm::EdDsa => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
        };
        kind && self.alg.as_deref().is_none_or(|alg| alg == algorithm.word())
    }

    /// Whether `signature` over `message` was made with this key. RSA keys under 2,048 bits sign nothing.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let decode = |part: &Option<String>| BASE64URL_NOPAD.decode(part.as_deref().unwrap_or_default().as_bytes());
        match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let (Ok(n), Ok(e)) = (decode(&self.n), decode(&self.e)) else { return false };
                let how =
                    if algorithm == Algorithm::Rs256 { &RSA_PKCS1_2048_8192_SHA256 } else { &RSA_PSS_2048_8192_SHA256 };
                RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
            }
            Algorithm::Es256 => {
                let (Ok(x), Ok(y)) = (decode(&self.x), decode(&self.y)) else { return false };
                if (x.len(), y.len()) != (32, 32) {
                    return false;
                }
                // An uncompressed point: SEC 1 section 2.3.3.
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Algorithm::EdDsa => {
                let Ok(x) = decode(&self.x) else { return false };
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok()
            }
        }
    }
}

/// The key that a token names; where it names none, the only one that fits.
pub fn find<'a>(keys: &'a [Key], kid: Option<&str>, algorithm: Algorithm) -> Option<&'a Key> {
    let mut fitting = keys.iter().filter(|key| key.fits(algorithm));
    match kid {
        Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}
