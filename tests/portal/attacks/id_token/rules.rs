//! The rules of an ID token, stated once more: OpenID Connect Core 1.0 section 3.1.3.7, RFC 7515, RFC 7519.
//! Nothing here is the portal's.

use data_encoding::BASE64URL_NOPAD as B64;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use vestibule::clock::from_micros;
use vestibule::identity::oidc::id_token::Identity;

use super::making::CLAIM_NAMES;
use super::signing::{Pair, Shown, Signed};
use super::{CLIENT, ISSUER, NONCE, NOW};

/// Whom a token is to be taken for, if for anybody.
pub fn allowed(token: &str, shown: &[Shown], signed: &Signed, access_token: Option<&str>) -> Option<Identity> {
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, claims, signature] = parts.as_slice() else { return None };
    let header: Once<true> = read(header)?;
    key(&header.0, shown).filter(|(pair, alg)| (*pair, alg.as_str()) == signed.by)?;
    let message = token.rsplit_once('.')?.0;
    if message != signed.message || B64.decode(signature.as_bytes()).ok()? != signed.signature {
        return None;
    }
    let claims: Once<false> = read(claims)?;
    meant_for_us(&claims.0, access_token).and_then(|()| identity(&claims.0))
}

fn read<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&B64.decode(part.as_bytes()).ok()?).ok()
}

/// The key that the header means, and how it signs: of the right kind, made for signing, and the only one where
/// the header names none.
fn key(header: &Map<String, Value>, shown: &[Shown]) -> Option<(Pair, String)> {
    let alg = header.get("alg")?.as_str()?;
    let kid = text(header, "kid").ok()?;
    if header.get("crit").is_some_and(|crit| !crit.is_null()) {
        return None;
    }
    let fits = |key: &&Shown| {
        let kind: &[&str] = match key.pair {
            Pair::Ed => &["EdDSA"],
            Pair::Ec | Pair::Stranger => &["ES256"],
            Pair::Rsa => &["RS256", "PS256"],
        };
        kind.contains(&alg) && key.alg.is_none_or(|only| only == alg) && key.usage != Some("enc")
    };
    let named = |key: &&Shown| kid.is_none() || key.kid == kid;
    let fitting: Vec<&Shown> = shown.iter().filter(fits).filter(named).collect();
    let &[key] = fitting.as_slice() else { return None };
    Some((key.pair, alg.to_owned()))
}

fn meant_for_us(claims: &Map<String, Value>, access_token: Option<&str>) -> Option<()> {
    let is = |name: &str, value: &str| claims.get(name).and_then(Value::as_str) == Some(value);
    let azp = text(claims, "azp").ok()?;
    let audience = match claims.get("aud")? {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let given = azp == Some(CLIENT) || (azp.is_none() && audience.len() == 1);
    let at = |name: &str| time(claims, name).ok();
    let present = NOW as f64 + 0.5;
    let past = |at: Option<f64>| at.is_none_or(|at| at <= present + 60.0);
    let hash = text(claims, "at_hash").ok()?;
    let half = |digest: &[u8]| B64.encode(&digest[..digest.len() / 2]);
    let fits = |hash, token| half(&Sha256::digest(token)) == hash || half(&sha2::Sha512::digest(token)) == hash;
    let good = is("iss", ISSUER)
        && is("nonce", NONCE)
        && audience.contains(&CLIENT)
        && given
        && at("exp")?? + 60.0 > present
        && past(Some(at("iat")??))
        && past(at("nbf")?)
        && past(at("auth_time")?)
        && hash.is_none_or(|hash| access_token.is_some_and(|token| fits(hash, token)));
    good.then_some(())
}

fn identity(claims: &Map<String, Value>) -> Option<Identity> {
    let owned = |name: &str| text(claims, name).map(|text| text.map(str::to_owned)).ok();
    let subject = claims.get("sub")?.as_str()?.to_owned();
    let verified = match claims.get("email_verified") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        Some(_) => return None,
    };
    let amr = match claims.get("amr") {
        None => Vec::new(),
        Some(Value::Array(all)) => all.iter().map(|a| a.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        Some(_) => return None,
    };
    let at = time(claims, "auth_time").ok()?;
    let printable = subject.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    (printable && (1..=255).contains(&subject.len())).then_some(Identity {
        issuer: ISSUER.to_owned(),
        subject,
        email: owned("email")?.filter(|_| verified),
        username: owned("preferred_username")?,
        first_name: owned("given_name")?,
        last_name: owned("family_name")?,
        acr: owned("acr")?,
        amr,
        authenticated_at: at.and_then(|at| from_micros(at as i64 * 1_000_000)),
    })
}

/// A claim that may be missing, but must be a text.
fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ()> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// A claim that may be missing, but must be whole seconds between 1970 and the year 9987.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, ()> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(at)) => {
            let at = at.as_f64().ok_or(())?.trunc();
            if (0.0..=253_000_000_000.0).contains(&at) { Ok(Some(at)) } else { Err(()) }
        }
        Some(_) => Err(()),
    }
}

/// An object in which nothing that is looked at comes twice: two readers might see two tokens. Of a header
/// (`true`) the rest is passed over.
struct Once<const HEADER: bool>(Map<String, Value>);

impl<'de, const HEADER: bool> Deserialize<'de> for Once<HEADER> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Once(Map::new()))
    }
}

impl<'de, const HEADER: bool> Visitor<'de> for Once<HEADER> {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        let looked_at: &[&str] = if HEADER { &["alg", "kid", "crit"] } else { &CLAIM_NAMES };
        while let Some(name) = map.next_key::<String>()? {
            if HEADER && !looked_at.contains(&name.as_str()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let twice = self.0.contains_key(&name) && looked_at.contains(&name.as_str());
            self.0.insert(name, map.next_value()?);
            if twice {
                return Err(A::Error::custom("it comes twice"));
            }
        }
        Ok(self)
    }
}
