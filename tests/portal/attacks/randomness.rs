//! What must not be guessed: long, random, never twice, and kept as a hash.

use std::collections::HashSet;

use vestibule::models::recovery_codes;
use vestibule::secrets::key_ring::sha256;
use vestibule::secrets::random;

use crate::support::TestApp;

/// ASVS 7.2.3, 11.5.1: 43 characters out of 64 are 256 bits; a hundred thousand of them, all different and
/// with every character in use.
#[test]
fn tokens_are_long_and_never_come_twice() {
    let tokens: HashSet<String> = (0..100_000).map(|_| random::token().expose().clone()).collect();
    assert_eq!(tokens.len(), 100_000);
    assert!(tokens.iter().all(|token| token.len() == 43));
    let used: HashSet<char> = tokens.iter().flat_map(|token| token.chars()).collect();
    assert_eq!(used.len(), 64);
}

/// ASVS 6.5.4: each digit at each place as likely as any other. With nine degrees of freedom a chi-square
/// over 60 comes by chance once in a thousand million; a modulo of one byte gives thousands.
#[test]
fn digits_of_codes_are_equally_likely() {
    const CODES: usize = 200_000;
    let mut counts = [[0_usize; 10]; 6];
    for _ in 0..CODES {
        let code = random::six_digits();
        assert_eq!(code.expose().len(), 6);
        for (place, digit) in code.expose().bytes().enumerate() {
            counts[place][usize::from(digit - b'0')] += 1;
        }
    }
    let expected = CODES as f64 / 10.0;
    for (place, digits) in counts.iter().enumerate() {
        let chi_square: f64 = digits.iter().map(|n| (*n as f64 - expected).powi(2) / expected).sum();
        assert!(chi_square < 60.0, "digit {place}: {chi_square}");
    }
}

/// ASVS 6.5.2; NIST 4.2.1.1: 24 characters of base32 are 120 bits, and the database has 32 bytes of hash.
#[tokio::test]
async fn recovery_codes_are_kept_as_hashes() {
    let app = TestApp::spawn().await;
    let codes = app.people.people["all.factors"].recovery_codes.clone();
    assert_eq!(codes.len(), 8);
    for code in codes {
        let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        assert_eq!(plain.len(), 24);
        assert!(plain.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')), "base32");
        for (kept, is) in [(sha256(&plain), true), (plain.into_bytes(), false), (code.into_bytes(), false)] {
            let id = app.user_id("all.factors");
            let found = app.read(move |conn| Ok(recovery_codes::exists(conn, &id, &kept)?)).await;
            assert_eq!(found, is, "a SHA-256 and nothing else");
        }
    }
}
