//! Against forged requests: a token in the form, bound to the session or to the browser, and what
//! the browser itself says about where the request comes from. ASVS 3.5.1 to 3.5.3.

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use subtle::ConstantTimeEq;

use crate::secrets::KeyRing;

/// The token for whatever `bound_to` names, constant-time compared with what was sent.
pub fn token_matches(keys: &KeyRing, bound_to: &str, sent: &str) -> bool {
    keys.csrf_token(bound_to).as_bytes().ct_eq(sent.as_bytes()).into()
}

/// Whether the browser says that a form comes from this site. Old browsers say nothing, and ours
/// send `Origin: null` because of the referrer policy; then the token alone decides.
pub fn is_same_origin(headers: &HeaderMap, public_url: &str, demo: bool) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN).and_then(|o| o.to_str().ok()) else { return true };
    if origin == "null" || origin == public_url {
        return true;
    }
    // A demo answers to every name of the loopback address.
    let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    demo && origin.strip_prefix("http://") == Some(host)
}
