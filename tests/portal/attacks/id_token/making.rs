//! Tokens made of what is drawn: the right one, with as many changes as there are bytes for.

use data_encoding::BASE64URL_NOPAD as B64;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::signing::{self, By, Pair, Signed};
use super::{ACCESS, CLIENT, ISSUER, NONCE, NOW};

/// Bytes that decide; where they end, zeros, which change nothing.
pub struct Draw<'a>(pub &'a [u8]);

impl Draw<'_> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::from(self.byte()) % from.len()]
    }

    /// `rare` for one byte of so many, else `usual`.
    pub fn one_in<T>(&mut self, n: u8, rare: T, usual: T) -> T {
        if self.byte() % n == 1 { rare } else { usual }
    }

    /// Up to 31 bytes, as text.
    fn text(&mut self) -> String {
        let many = usize::from(self.byte() % 32).min(self.0.len());
        let (text, rest) = self.0.split_at(many);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}

/// A name and its value in JSON. Not a map: a name may come twice.
type Pairs = Vec<(String, String)>;

fn object(pairs: &Pairs) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A token, and what was signed for it.
pub fn token(draw: &mut Draw) -> (String, Signed) {
    const BY: [By; 8] = [
        (Pair::Ed, "EdDSA"),
        (Pair::Ed, "EdDSA"),
        (Pair::Ed, "EdDSA"),
        (Pair::Ec, "ES256"),
        (Pair::Ec, "ES256"),
        (Pair::Stranger, "ES256"),
        (Pair::Rsa, "RS256"),
        (Pair::Rsa, "PS256"),
    ];
    let by = *draw.pick(&BY);
    let (mut header, mut claims) = (header(by), claims());
    if draw.one_in(16, true, false) {
        header.retain(|(name, _)| name != "kid");
    }
    change(draw, &mut header, &HEADER_NAMES, header_value);
    change(draw, &mut claims, &CLAIM_NAMES, claim_value);
    let part = |text: String| B64.encode(text.as_bytes());
    let signed = signing::sign(by, format!("{}.{}", part(object(&header)), part(object(&claims))));
    let token = format!("{}.{}", signed.message, B64.encode(&signed.signature));
    (on_its_way(draw, token), signed)
}

fn header((pair, alg): By) -> Pairs {
    let kid = match pair {
        Pair::Ed => "ed",
        Pair::Ec | Pair::Stranger => "ec",
        Pair::Rsa => "rsa",
    };
    [("alg", alg), ("kid", kid), ("typ", "JWT")].map(|(name, value)| (name.to_owned(), json!(value).to_string())).into()
}

fn claims() -> Pairs {
    let claims = [
        ("iss", json!(ISSUER)),
        ("sub", json!("subject-1")),
        ("aud", json!(CLIENT)),
        ("exp", json!(NOW + 300)),
        ("iat", json!(NOW - 5)),
        ("nonce", json!(NONCE)),
    ];
    claims.map(|(name, value)| (name.to_owned(), value.to_string())).into()
}

const HEADER_NAMES: [&str; 5] = ["alg", "kid", "crit", "jwk", "typ"];
/// What is looked at.
pub const CLAIM_NAMES: [&str; 17] = [
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "nonce",
    "at_hash",
    "acr",
    "amr",
    "sub",
    "email",
    "email_verified",
    "preferred_username",
    "given_name",
    "family_name",
];

/// Up to seven changes, mostly none: a value is another, is gone, or comes once more.
fn change(draw: &mut Draw, pairs: &mut Pairs, names: &[&str], value: fn(&mut Draw) -> String) {
    let many = draw.byte();
    for _ in 0..if many < 128 { many % 2 } else { many % 8 } {
        let name = if draw.byte() % 32 == 31 { draw.text() } else { (*draw.pick(names)).to_owned() };
        let how = draw.byte() % 8;
        if how != 7 {
            pairs.retain(|(n, _)| *n != name);
        }
        if how != 6 {
            pairs.push((name, value(draw)));
        }
    }
}

fn on_its_way(draw: &mut Draw, token: String) -> String {
    let mut bytes = token.into_bytes();
    match draw.byte() {
        // One character is another.
        240 | 241 => {
            let at = (usize::from(draw.byte()) << 8 | usize::from(draw.byte())) % bytes.len();
            bytes[at] = draw.byte() & 0x7f;
        }
        242 => bytes.truncate(bytes.len() - 1 - usize::from(draw.byte()) % (bytes.len() - 1)),
        243 => bytes.extend(draw.text().bytes()),
        244 => bytes.extend(b"="),
        // Without its signature.
        245 => bytes.truncate(bytes.iter().rposition(|b| *b == b'.').map_or(0, |at| at + 1)),
        // Other claims under the same signature.
        246 => {
            let parts: Vec<Vec<u8>> = bytes.split(|b| *b == b'.').map(<[u8]>::to_vec).collect();
            let mut other = claims();
            change(draw, &mut other, &CLAIM_NAMES, claim_value);
            let other = B64.encode(object(&other).as_bytes());
            bytes = [&parts[0], other.as_bytes(), &parts[2]].join(&b'.');
        }
        // Nothing of it is left.
        247 => bytes = draw.0.to_vec(),
        _ => {}
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn header_value(draw: &mut Draw) -> String {
    let values = [
        json!("EdDSA"),
        json!("ES256"),
        json!("RS256"),
        json!("PS256"),
        json!("HS256"),
        json!("none"),
        json!("eddsa"),
        json!("ES384"),
        json!("ed"),
        json!("ec"),
        json!("rsa"),
        json!("same"),
        json!("twin"),
        json!(["b64"]),
        json!([]),
        json!(null),
        json!(7),
        signing::brought_along(),
    ];
    drawn(draw, &values)
}

fn claim_value(draw: &mut Draw) -> String {
    let near = i64::from(draw.byte().cast_signed());
    let half = |digest: &[u8]| json!(B64.encode(&digest[..digest.len() / 2]));
    let values = [
        json!(NOW + near),
        json!(NOW + near),
        json!((NOW + near) as f64 + 0.75),
        json!(ISSUER),
        json!(format!("{ISSUER}/")),
        json!(CLIENT),
        json!([CLIENT]),
        json!([CLIENT, "another"]),
        json!(["another", CLIENT, 7]),
        json!([]),
        json!("another"),
        json!(NONCE),
        half(&Sha256::digest(ACCESS)),
        half(&sha2::Sha512::digest(ACCESS)),
        half(&Sha256::digest("another")),
        json!(true),
        json!(false),
        json!("true"),
        json!("True"),
        json!(null),
        json!(""),
        json!("someone@practice.example"),
        json!(["pwd", "otp"]),
        json!({"deep": [CLIENT]}),
        json!("s".repeat(255)),
        json!("s".repeat(256)),
        json!("tab\t"),
        json!(0),
        json!(-1),
        json!(-0.5),
        json!(253_000_000_000_i64),
        json!(253_000_000_001_i64),
        json!(u64::MAX),
        json!(1e300),
    ];
    drawn(draw, &values)
}

/// One of these; or whatever is drawn, as a text or as it stands.
fn drawn(draw: &mut Draw, values: &[serde_json::Value]) -> String {
    match draw.byte() {
        250..=252 => json!(draw.text()).to_string(),
        253..=255 => draw.text(),
        n => values[usize::from(n) % values.len()].to_string(),
    }
}
