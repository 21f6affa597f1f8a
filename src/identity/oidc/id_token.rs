//! The ID token: signature first, then every claim. Whatever is missing, doubled or of another kind is
//! refused, with a reason for the log and none for the person. OpenID Connect Core 1.0 section 3.1.3.7.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::Number;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::OidcError;
use super::keys::{self, Algorithm, Key};
use crate::clock::{Timestamp, from_micros};
use crate::domain::limits::OIDC_LEEWAY;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a token has to fit.
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// For `at_hash`.
    pub access_token: Option<&'a str>,
    pub now: Timestamp,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It may be signed with a key that is newer than those known.
    UnknownKey,
    Because(&'static str),
}

impl Broken {
    /// For the log.
    pub fn why(self) -> &'static str {
        match self {
            Self::UnknownKey => "the token's key is not known",
            Self::Because(why) => why,
        }
    }
}

/// What the provider says of a person. `issuer` and `subject` are who they are; the rest may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Only an address that the provider has verified.
    pub email: Option<String>,
    pub username: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub acr: Option<String>,
    pub amr: Vec<String>,
    /// When the person signed in at the provider.
    pub authenticated_at: Option<Timestamp>,
}

impl Identity {
    /// Takes over what the userinfo endpoint tells, if it speaks of the same person. OpenID Connect Core
    /// 1.0 section 5.3.2.
    pub fn learn(&mut self, told: Person) -> Result<(), OidcError> {
        if told.sub != self.subject {
            return Err(OidcError::Untrusted("userinfo speaks of somebody else"));
        }
        self.email = told.verified_email();
        self.username = self.username.take().or(told.preferred_username);
        self.first_name = self.first_name.take().or(told.given_name);
        self.last_name = self.last_name.take().or(told.family_name);
        Ok(())
    }
}

/// Claims about the person: the same in an ID token and at the userinfo endpoint.
#[derive(Deserialize)]
pub struct Person {
    sub: String,
    email: Option<String>,
    email_verified: Option<Flag>,
    preferred_username: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
}

/// Some providers write the flag as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Flag(bool),
    Text(String),
}

impl Person {
    fn verified_email(&self) -> Option<String> {
        let verified = match &self.email_verified {
            Some(Flag::Flag(flag)) => *flag,
            Some(Flag::Text(text)) => text == "true",
            None => false,
        };
        self.email.clone().filter(|_| verified)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that have to be understood; none are. RFC 7515 section 4.1.11.
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: Number,
    iat: Number,
    nbf: Option<Number>,
    auth_time: Option<Number>,
    nonce: String,
    at_hash: Option<String>,
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(flatten)]
    person: Person,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

type Judged<T> = Result<T, Broken>;

/// Judges a token.
pub fn judge(token: &str, keys: &[Key], expected: &Expected) -> Judged<Identity> {
    let claims = claims(signed(token, keys)?)?;
    audience(&claims, expected)?;
    let authenticated_at = times(&claims, expected.now)?;
    if !bool::from(claims.nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Broken::Because("the token answers another sign-in"));
    }
    if let Some(hash) = &claims.at_hash {
        access_token(hash, expected.access_token)?;
    }
    let email = claims.person.verified_email();
    let Claims { iss, acr, amr, person, .. } = claims;
    if !(1..=255).contains(&person.sub.len()) || !person.sub.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Err(Broken::Because("the token names nobody"));
    }
    Ok(Identity {
        issuer: iss,
        subject: person.sub,
        email,
        username: person.preferred_username,
        first_name: person.given_name,
        last_name: person.family_name,
        acr,
        amr,
        authenticated_at,
    })
}

/// The claims of a token whose signature is right. Keys come from the provider's address alone: what a
/// header says of keys besides `kid` is not looked at.
fn signed(token: &str, keys: &[Key]) -> Judged<Vec<u8>> {
    let broken = Broken::Because("the token is no signed token");
    if token.len() > LONGEST {
        return Err(broken);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(broken)?;
    let (header, claims) = message.split_once('.').ok_or(broken)?;
    let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| broken);
    let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
    let header: Header = serde_json::from_slice(&header).map_err(|_| broken)?;
    if header.crit.is_some() {
        return Err(Broken::Because("the token wants something understood that is not"));
    }
    let algorithm = Algorithm::parse(&header.alg).ok_or(Broken::Because("the token's algorithm is not allowed"))?;
    let key = keys::find(keys, header.kid.as_deref(), algorithm).ok_or(Broken::UnknownKey)?;
    if !key.verifies(algorithm, message.as_bytes(), &signature) {
        return Err(Broken::Because("the token's signature is wrong"));
    }
    Ok(claims)
}

fn claims(bytes: Vec<u8>) -> Judged<Claims> {
    serde_json::from_slice(&bytes).map_err(|_| Broken::Because("a claim is missing or of another kind"))
}

fn audience(claims: &Claims, expected: &Expected) -> Judged<()> {
    if claims.iss != expected.issuer {
        return Err(Broken::Because("the token is of another issuer"));
    }
    let (ours, several) = match &claims.aud {
        Audience::One(aud) => (aud == expected.client_id, false),
        Audience::Several(all) => (all.iter().any(|aud| aud == expected.client_id), all.len() > 1),
    };
    if !ours {
        return Err(Broken::Because("the token is for somebody else"));
    }
    match &claims.azp {
        Some(azp) if azp != expected.client_id => Err(Broken::Because("the token was given to somebody else")),
        None if several => Err(Broken::Because("the token is for several and names none it was given to")),
        _ => Ok(()),
    }
}

/// Looks at the times; when the person signed in at the provider, if it says so.
fn times(claims: &Claims, now: Timestamp) -> Judged<Option<Timestamp>> {
    let (expires, issued) = (time(&claims.exp)?, time(&claims.iat)?);
    if expires + OIDC_LEEWAY <= now {
        return Err(Broken::Because("the token has expired"));
    }
    if issued > now + OIDC_LEEWAY {
        return Err(Broken::Because("the token was issued in the future"));
    }
    if let Some(from) = &claims.nbf
        && time(from)? > now + OIDC_LEEWAY
    {
        return Err(Broken::Because("the token is not valid yet"));
    }
    let authenticated_at = claims.auth_time.as_ref().map(time).transpose()?;
    if authenticated_at.is_some_and(|at| at > now + OIDC_LEEWAY) {
        return Err(Broken::Because("the person signed in in the future"));
    }
    Ok(authenticated_at)
}

/// Seconds since 1970; fractions are cut. RFC 7519 section 2.
fn time(number: &Number) -> Judged<Timestamp> {
    let seconds = number.as_i64().or_else(|| number.as_f64().map(|n| n as i64));
    // Far enough from either end that a leeway can be added.
    let sane = seconds.filter(|s| (0..=253_000_000_000).contains(s));
    sane.and_then(|s| from_micros(s * 1_000_000)).ok_or(Broken::Because("a time of the token is none"))
}

/// The left half of the access token's SHA-256; every algorithm that is allowed has that size, or is
/// EdDSA, whose providers take SHA-512. OpenID Connect Core 1.0 section 3.1.3.6.
fn access_token(hash: &str, token: Option<&str>) -> Judged<()> {
    let wrong = Broken::Because("the token belongs to another access token");
    let token = token.ok_or(wrong)?;
    let half = |digest: &[u8]| BASE64URL_NOPAD.encode(&digest[..digest.len() / 2]);
    let fits = [half(&Sha256::digest(token.as_bytes())), half(&sha2::Sha512::digest(token.as_bytes()))];
    if fits.iter().any(|fit| bool::from(fit.as_bytes().ct_eq(hash.as_bytes()))) { Ok(()) } else { Err(wrong) }
}
