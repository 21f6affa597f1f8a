//! ID tokens put together at random, most of them almost right: signed by keys of the provider and by others,
//! with claims that fit, fit nearly or come twice, and changed on their way. What is judged has to come out as
//! the rules say, which are written down a second time in `rules`. Tried by `attacks::parsers`; the target in
//! `fuzz/` is this same function under libFuzzer, so nothing here may name the tests' support.

#[path = "id_token/making.rs"]
mod making;
#[path = "id_token/rules.rs"]
mod rules;
#[path = "id_token/signing.rs"]
mod signing;

use vestibule::clock::{Timestamp, from_micros};
use vestibule::identity::oidc::id_token::{Expected, judge};

use making::Draw;

const ISSUER: &str = "https://id.example.org";
const CLIENT: &str = "vestibule-test";
const NONCE: &str = "n-0S6_WzA2Mj";
const ACCESS: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
/// The hour at which all tokens are looked at, in seconds since 1970; half a second after it.
const NOW: i64 = 1_760_000_000;

fn now() -> Timestamp {
    from_micros(NOW * 1_000_000 + 500_000).expect("a moment")
}

/// A token is taken exactly if a key of the provider has signed what it says and what it says is meant for us;
/// and then it is taken for what it says. Gives back whether it was. No input at all makes a token that is right.
pub fn id_token(data: &[u8]) -> bool {
    let mut draw = Draw(data);
    let ring = signing::ring(&mut draw);
    let access_token = draw.one_in(8, Some(ACCESS), None);
    let (token, signed) = making::token(&mut draw);
    let expected = Expected { issuer: ISSUER, client_id: CLIENT, nonce: NONCE, access_token, now: now() };
    let judged = judge(&token, &ring.keys, &expected);
    let allowed = rules::allowed(&token, &ring.shown, &signed, access_token);
    match (judged, allowed) {
        (Ok(identity), Some(told)) => {
            assert_eq!(identity, told, "{token} is taken for somebody else");
            true
        }
        (Ok(_), None) => panic!("{token} was taken"),
        (Err(why), Some(_)) => panic!("{token} was refused: {why:?}"),
        (Err(_), None) => false,
    }
}
