//! Who signs tokens, and which keys the provider shows.

use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL_NOPAD as B64};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};
use vestibule::identity::oidc::keys::{Key, Set};

use super::making::Draw;

#[allow(clippy::duplicate_mod, reason = "fuzz/ has no tests' support to name")]
#[path = "../../support/oidc_rsa.rs"]
mod oidc_rsa;

/// A pair of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    Ed,
    Ec,
    Rsa,
    /// One that no provider shows.
    Stranger,
}

/// Who has signed, by which algorithm.
pub type By = (Pair, &'static str);

/// What was signed. Only this, whole, may be taken.
pub struct Signed {
    pub by: By,
    pub message: String,
    pub signature: Vec<u8>,
}

/// A key as the provider shows it.
pub struct Shown {
    pub pair: Pair,
    pub kid: Option<&'static str>,
    pub alg: Option<&'static str>,
    pub usage: Option<&'static str>,
}

/// All that it shows, and what the portal makes of that.
pub struct Ring {
    pub shown: Vec<Shown>,
    pub keys: Vec<Key>,
}

struct Pairs {
    ed: Ed25519KeyPair,
    ec: [EcdsaKeyPair; 2],
    rsa: RsaKeyPair,
}

/// New ones with each run: no verdict depends on which.
static PAIRS: LazyLock<Pairs> = LazyLock::new(|| {
    let (random, how) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let ec = || {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
        EcdsaKeyPair::from_pkcs8(how, pkcs8.as_ref(), &random).expect("the same key")
    };
    let ed = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
    let rsa = BASE64.decode(oidc_rsa::PKCS8.as_bytes()).expect("base64");
    Pairs {
        ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).expect("the same key"),
        ec: [ec(), ec()],
        rsa: RsaKeyPair::from_pkcs8(&rsa).expect("an RSA key"),
    }
});

pub fn sign((pair, alg): By, message: String) -> Signed {
    let (pairs, bytes) = (&*PAIRS, message.as_bytes());
    let rsa = |how: &'static dyn RsaEncoding| {
        let mut signature = vec![0; pairs.rsa.public().modulus_len()];
        pairs.rsa.sign(how, &SystemRandom::new(), bytes, &mut signature).expect("a signature");
        signature
    };
    let ec = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), bytes).expect("a signature").as_ref().to_vec();
    let signature = match pair {
        Pair::Ed => pairs.ed.sign(bytes).as_ref().to_vec(),
        Pair::Ec => ec(&pairs.ec[0]),
        Pair::Stranger => ec(&pairs.ec[1]),
        Pair::Rsa if alg == "PS256" => rsa(&RSA_PSS_SHA256),
        Pair::Rsa => rsa(&RSA_PKCS1_SHA256),
    };
    Signed { by: (pair, alg), message, signature }
}

impl Shown {
    fn new(pair: Pair, kid: &'static str) -> Self {
        Self { pair, kid: Some(kid), alg: None, usage: Some("sig") }
    }

    fn json(&self) -> Value {
        let mut key = match self.pair {
            Pair::Ed => json!({"kty": "OKP", "crv": "Ed25519", "x": B64.encode(PAIRS.ed.public_key().as_ref())}),
            Pair::Ec => point(&PAIRS.ec[0]),
            Pair::Stranger => point(&PAIRS.ec[1]),
            Pair::Rsa => {
                let rsa: ring::rsa::PublicKeyComponents<Vec<u8>> = PAIRS.rsa.public().into();
                json!({"kty": "RSA", "n": B64.encode(&rsa.n), "e": B64.encode(&rsa.e)})
            }
        };
        for (name, value) in [("kid", self.kid), ("alg", self.alg), ("use", self.usage)] {
            if let Some(value) = value {
                key[name] = json!(value);
            }
        }
        key
    }
}

fn point(key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65])})
}

/// The stranger's key as somebody would write it into a header.
pub fn brought_along() -> Value {
    point(&PAIRS.ec[1])
}

/// What the provider shows: mostly one key of each kind; else few, twins, keys for something else.
pub fn ring(draw: &mut Draw) -> Ring {
    let all = || vec![Shown::new(Pair::Ed, "ed"), Shown::new(Pair::Ec, "ec"), Shown::new(Pair::Rsa, "rsa")];
    let shown = match draw.byte() {
        240 => Vec::new(),
        241 => vec![Shown::new(Pair::Ec, "ec")],
        242 => vec![Shown { alg: Some("PS256"), ..Shown::new(Pair::Rsa, "rsa") }, Shown::new(Pair::Ed, "ed")],
        243 => vec![Shown { alg: Some("ES256"), ..Shown::new(Pair::Ed, "ed") }],
        244 => vec![Shown { usage: Some("enc"), ..Shown::new(Pair::Ed, "ed") }, Shown::new(Pair::Ec, "ec")],
        245 => all().into_iter().map(|key| Shown { kid: None, usage: None, ..key }).collect(),
        246 => vec![Shown::new(Pair::Ed, "same"), Shown::new(Pair::Ec, "same"), Shown::new(Pair::Rsa, "same")],
        247..=252 => vec![Shown::new(Pair::Ec, "ec"), Shown::new(Pair::Ec, "twin")],
        _ => all(),
    };
    let mut keys: Vec<Value> = shown.iter().map(Shown::json).collect();
    keys.push(json!({"kty": 7}));
    let set: Set = serde_json::from_value(json!({"keys": keys})).expect("a set of keys");
    Ring { shown, keys: set.usable() }
}
