//! Encryption at rest: XChaCha20-Poly1305 with a random nonce, the key's id beside the text, and
//! `table:column:row` as associated data, so that a text moved to another row does not open.
//! ASVS 11.3.2 to 11.3.4.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Secret, random};

/// What is stored: key id, nonce and ciphertext.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub key_id: String,
    pub bytes: Vec<u8>,
}

/// Why something sealed did not open. Says no more than a caller may know.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("no key named {0} is configured")]
    UnknownKey(String),
    #[error("the stored text does not open with its key")]
    Corrupt,
}

/// The keys of one installation. The first seals, all of them open.
pub struct KeyRing {
    at_rest: Vec<(String, Secret<[u8; 32]>)>,
    codes: Secret<[u8; 32]>,
    csrf: Secret<[u8; 32]>,
    cookies: Secret<[u8; 64]>,
}

impl KeyRing {
    /// `at_rest` holds (id, key), the one to seal with first; the others are derived from `master`,
    /// each for one purpose, and never stored.
    pub fn new(at_rest: Vec<(String, Secret<[u8; 32]>)>, master: &Secret<[u8; 32]>) -> Self {
        let mut cookies = [0; 64];
        cookies[..32].copy_from_slice(&derive(master, b"cookies 1"));
        cookies[32..].copy_from_slice(&derive(master, b"cookies 2"));
        Self {
            at_rest,
            codes: Secret::new(derive(master, b"codes")),
            csrf: Secret::new(derive(master, b"csrf")),
            cookies: Secret::new(cookies),
        }
    }

    /// The id of the key that seals now.
    pub fn current_id(&self) -> &str {
        self.at_rest.first().map_or("", |(id, _)| id)
    }

    /// Key for the signature on the session cookie.
    pub fn cookie_key(&self) -> &[u8; 64] {
        self.cookies.expose()
    }

    /// Seals `plain` for one place only, named `table:column:row`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Sealed, SealError> {
        let (id, key) = self.at_rest.first().ok_or_else(|| SealError::UnknownKey(String::new()))?;
        let nonce = random::bytes::<24>();
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place.as_bytes() })
            .map_err(|_| SealError::Corrupt)?;
        Ok(Sealed { key_id: id.clone(), bytes: [nonce.as_slice(), &sealed].concat() })
    }

    /// Opens what was sealed for the same place.
    pub fn open(&self, place: &str, key_id: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (_, key) =
            self.at_rest.iter().find(|(id, _)| id == key_id).ok_or_else(|| SealError::UnknownKey(key_id.to_owned()))?;
        let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or(SealError::Corrupt)?;
        cipher(key)
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| SealError::Corrupt)
    }

    /// HMAC-SHA-256 of a short code or an address under a server key: what is kept instead of it.
    /// `purpose` keeps the same text apart in different uses.
    pub fn code_hash(&self, purpose: &str, text: &str) -> Vec<u8> {
        hmac(self.codes.expose(), &[purpose.as_bytes(), b"\0", text.as_bytes()]).to_vec()
    }

    /// The CSRF token that belongs to a session or to a browser without one. ASVS 3.5.1.
    pub fn csrf_token(&self, bound_to: &str) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&hmac(self.csrf.expose(), &[bound_to.as_bytes()]))
    }
}

/// SHA-256: enough for secrets of 120 bits and more, which cannot be guessed. ASVS 6.5.2.
pub fn sha256(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn cipher(key: &Secret<[u8; 32]>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.expose()))
}

fn derive(master: &Secret<[u8; 32]>, purpose: &[u8]) -> [u8; 32] {
    hmac(master.expose(), &[b"vestibule ", purpose])
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
