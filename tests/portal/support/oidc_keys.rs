//! The keys of the provider in tests, and tokens signed with them, rightly and wrongly.

use data_encoding::{BASE64, BASE64URL_NOPAD as B64};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use sha2::Sha256;

use super::oidc_rsa::PKCS8;

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

pub struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    other: EcdsaKeyPair,
}

/// A token out of its three parts.
pub fn join(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| B64.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = B64.encode(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}

impl Keys {
    /// New ones but for RSA, which ring makes none of.
    pub fn make() -> Self {
        let random = SystemRandom::new();
        let ec = || {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).expect("the same key")
        };
        let ed = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        let rsa = BASE64.decode(PKCS8.as_bytes()).expect("base64");
        Self {
            rsa: RsaKeyPair::from_pkcs8(&rsa).expect("an RSA key"),
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).expect("the same key"),
            ec: ec(),
            other: ec(),
        }
    }

    /// The truth, signed.
    pub fn sign(&self, signing: Signing, generation: u32, claims: &Value) -> String {
        let (alg, kid) = match signing {
            Signing::Rs256 => ("RS256", "rsa"),
            Signing::Ps256 => ("PS256", "rsa"),
            Signing::Es256 => ("ES256", "ec"),
            Signing::EdDsa => ("EdDSA", "ed"),
        };
        let header = json!({"alg": alg, "kid": format!("{kid}-{generation}"), "typ": "JWT"});
        join(&header, claims, |message| match signing {
            Signing::Rs256 => self.rsa(&RSA_PKCS1_SHA256, message),
            Signing::Ps256 => self.rsa(&RSA_PSS_SHA256, message),
            Signing::Es256 => Self::ec(&self.ec, message),
            Signing::EdDsa => self.ed.sign(message).as_ref().to_vec(),
        })
    }

    /// ES256 by the right key, under any header.
    pub fn under(&self, header: &Value, claims: &Value) -> String {
        join(header, claims, |message| Self::ec(&self.ec, message))
    }

    /// ES256 by a key that the provider never showed.
    pub fn by_another(&self, header: &Value, claims: &Value) -> String {
        join(header, claims, |message| Self::ec(&self.other, message))
    }

    /// That key as somebody would write it into a header.
    pub fn other_public(&self) -> Value {
        point(&self.other, "ec-1")
    }

    /// HMAC with what everybody knows as the secret.
    pub fn by_hmac(&self, header: &Value, claims: &Value, secret: &[u8]) -> String {
        join(header, claims, |message| {
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("a key of any length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        })
    }

    /// The public keys, as the provider shows them.
    pub fn public(&self, generation: u32) -> Vec<Value> {
        let rsa = self.rsa.public();
        let n: ring::rsa::PublicKeyComponents<Vec<u8>> = rsa.into();
        let rsa = json!({"kty": "RSA", "use": "sig", "kid": format!("rsa-{generation}"),
            "n": B64.encode(&n.n), "e": B64.encode(&n.e)});
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "kid": format!("ed-{generation}"), "alg": "EdDSA",
            "x": B64.encode(self.ed.public_key().as_ref())});
        let unreadable = json!({"kty": 7});
        vec![unreadable, rsa, point(&self.ec, &format!("ec-{generation}")), ed]
    }

    fn rsa(&self, how: &'static dyn ring::signature::RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.rsa.public().modulus_len()];
        self.rsa.sign(how, &SystemRandom::new(), message, &mut signature).expect("a signature");
        signature
    }

    fn ec(key: &EcdsaKeyPair, message: &[u8]) -> Vec<u8> {
        key.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
    }
}

fn point(key: &EcdsaKeyPair, kid: &str) -> Value {
    let point = key.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid,
        "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65])})
}
