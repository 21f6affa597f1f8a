//! The signature on what Stripe posts: HMAC-SHA-256 over time and raw body, under the endpoint's secret.
//! ASVS 4.1.5.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::{Timestamp, unix};
use crate::secrets::Secret;

pub const HEADER: &str = "stripe-signature";
/// How far its time may be from ours, either way, in seconds.
const TOLERANCE: u64 = 300;

/// The header for a body: for the tests' stand-in.
pub fn sign(secret: &Secret<String>, signed_at: i64, body: &[u8]) -> String {
    format!("t={signed_at},v1={}", HEXLOWER.encode(&mac(secret, signed_at, body)))
}

/// When a body was signed, in seconds since 1970; `None` unless one of the signatures is right and its
/// time is near ours.
pub fn verify(secret: &Secret<String>, header: &str, body: &[u8], now: Timestamp) -> Option<i64> {
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let mut times = parts.iter().filter(|(name, _)| *name == "t").map(|(_, value)| *value);
    let (Some(time), None) = (times.next(), times.next()) else { return None };
    let signed_at = time.parse::<i64>().ok().filter(|_| time.bytes().all(|b| b.is_ascii_digit()))?;
    if unix(now).abs_diff(u64::try_from(signed_at).ok()?) > TOLERANCE {
        return None;
    }
    let expected = Secret::new(mac(secret, signed_at, body));
    let right = parts
        .iter()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, value)| HEXLOWER.decode(value.as_bytes()).ok())
        .any(|sent| expected.matches(&sent));
    right.then_some(signed_at)
}

fn mac(secret: &Secret<String>, signed_at: i64, body: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose().as_bytes()) else { return Vec::new() };
    mac.update(signed_at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: Timestamp = datetime!(2026-11-22 03:00:00);

    fn at(seconds: i64) -> i64 {
        i64::try_from(unix(NOW)).expect("a time after 1970") + seconds
    }

    /// ASVS 4.1.5.
    #[test]
    fn only_this_body_under_this_secret_at_about_this_time() {
        let secret = Secret::new("whsec_0123456789abcdef".to_owned());
        let good = sign(&secret, at(0), b"body");
        assert_eq!(verify(&secret, &good, b"body", NOW), Some(at(0)));
        for seconds in [-300, 300] {
            assert!(verify(&secret, &sign(&secret, at(seconds), b"body"), b"body", NOW).is_some(), "{seconds}");
        }
        for seconds in [-301, 301] {
            assert_eq!(verify(&secret, &sign(&secret, at(seconds), b"body"), b"body", NOW), None, "{seconds}");
        }
        assert_eq!(verify(&secret, &good, b"Body", NOW), None);
        assert_eq!(verify(&Secret::new("whsec_another_secret_000".to_owned()), &good, b"body", NOW), None);
    }

    #[test]
    fn one_right_signature_among_several_is_enough_and_an_odd_header_is_not() {
        let secret = Secret::new("whsec_0123456789abcdef".to_owned());
        let good = sign(&secret, at(0), b"body");
        let (time, v1) = good.split_once(',').expect("two parts");
        assert!(verify(&secret, &format!("{time},v1={},{v1},v0=old", "0".repeat(64)), b"body", NOW).is_some());
        for bad in [
            String::new(),
            time.to_owned(),
            v1.to_owned(),
            format!("{time},{time},{v1}"),
            format!("{time},v1="),
            format!("t=+{},{v1}", &time[2..]),
            v1.replace("v1", "v0") + "," + time,
        ] {
            assert_eq!(verify(&secret, &bad, b"body", NOW), None, "{bad}");
        }
    }
}
