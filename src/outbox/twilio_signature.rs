//! The signature under everything a Twilio-compatible gateway posts to us. ASVS 4.1.5.
//!
//! HMAC-SHA-1 under the auth token over the full URL followed by every form field, name and value,
//! sorted by name; in base64, in the header `X-Twilio-Signature`
//! (<https://www.twilio.com/docs/usage/security>). The algorithm is the gateway's choice.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::secrets::Secret;

/// The header that carries the signature.
pub const HEADER: &str = "X-Twilio-Signature";

/// Whether the gateway signed this request. `full_url` is the URL as it was given to the gateway,
/// query included, not what proxies made of it; `params` are the decoded form fields in any order.
pub fn verify(
    auth_token: &Secret<String>,
    full_url: &str,
    params: &[(String, String)],
    signature_header: &str,
) -> bool {
    let Ok(claimed) = BASE64.decode(signature_header.as_bytes()) else { return false };
    // Compares in constant time.
    keyed(auth_token, full_url, params).verify_slice(&claimed).is_ok()
}

/// The signature the gateway would give, for tests that play the gateway.
pub fn sign(auth_token: &Secret<String>, full_url: &str, params: &[(String, String)]) -> String {
    BASE64.encode(&keyed(auth_token, full_url, params).finalize().into_bytes())
}

fn keyed(auth_token: &Secret<String>, full_url: &str, params: &[(String, String)]) -> Hmac<Sha1> {
    let mut sorted: Vec<_> = params.iter().collect();
    sorted.sort();
    // A field that is repeated with the same value counts once, as in the published libraries.
    sorted.dedup();
    let mut mac = Hmac::new_from_slice(auth_token.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(full_url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac
}
