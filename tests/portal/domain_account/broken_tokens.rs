//! ID tokens that are wrong in one way each, sent by the provider itself: every one is refused, none is
//! written to a log whole. OpenID Connect Core 1.0 section 3.1.3.7; ASVS 9.1, 9.2, 10.5, 6.8.2.

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::models::audit_entries;

use super::REFUSED;
use crate::support::TestApp;
use crate::support::oidc::{Keys, OidcServer, join};

type Make = Arc<dyn Fn(&Keys, &Value) -> String + Send + Sync>;

/// The right header, and one that is changed.
fn header(change: impl Fn(&mut Value)) -> Value {
    let mut header = json!({"alg": "ES256", "kid": "ec-1", "typ": "JWT"});
    change(&mut header);
    header
}

/// A token signed right, with one claim that is wrong.
fn claim(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Make {
    Arc::new(move |keys, claims| {
        let mut claims = claims.clone();
        change(&mut claims);
        keys.under(&header(|_| {}), &claims)
    })
}

fn token(make: impl Fn(&Keys, &Value) -> String + Send + Sync + 'static) -> Make {
    Arc::new(make)
}

fn seconds(claims: &Value, name: &str) -> i64 {
    claims[name].as_i64().expect("a time")
}

/// Each with the reason that the audit log gives.
fn broken() -> Vec<(&'static str, &'static str, Make)> {
    vec![
        ("wrong iss", "another issuer", claim(|c| c["iss"] = json!("https://evil.example"))),
        (
            "iss with a slash more",
            "another issuer",
            claim(|c| c["iss"] = json!(format!("{}/", c["iss"].as_str().unwrap()))),
        ),
        ("no iss", "missing", claim(|c| drop(c.as_object_mut().unwrap().remove("iss")))),
        ("wrong aud", "for somebody else", claim(|c| c["aud"] = json!("another-client"))),
        ("aud of others", "for somebody else", claim(|c| c["aud"] = json!(["a", "b"]))),
        ("empty aud", "for somebody else", claim(|c| c["aud"] = json!([]))),
        ("several aud, no azp", "names none", claim(|c| c["aud"] = json!(["vestibule-test", "b"]))),
        ("wrong azp", "given to somebody else", claim(|c| c["azp"] = json!("another-client"))),
        (
            "several aud, wrong azp",
            "given to somebody else",
            claim(|c| (c["aud"], c["azp"]) = (json!(["vestibule-test", "b"]), json!("b"))),
        ),
        ("wrong nonce", "another sign-in", claim(|c| c["nonce"] = json!("A".repeat(43)))),
        ("no nonce", "missing", claim(|c| drop(c.as_object_mut().unwrap().remove("nonce")))),
        ("expired", "expired", claim(|c| c["exp"] = json!(seconds(c, "iat") - 61))),
        ("no exp", "missing", claim(|c| drop(c.as_object_mut().unwrap().remove("exp")))),
        ("exp as text", "missing", claim(|c| c["exp"] = json!("tomorrow"))),
        ("exp beyond all time", "none", claim(|c| c["exp"] = json!(9.0e300))),
        ("iat in the future", "in the future", claim(|c| c["iat"] = json!(seconds(c, "iat") + 90))),
        ("no iat", "missing", claim(|c| drop(c.as_object_mut().unwrap().remove("iat")))),
        ("nbf in the future", "not valid yet", claim(|c| c["nbf"] = json!(seconds(c, "iat") + 90))),
        ("auth_time in the future", "in the future", claim(|c| c["auth_time"] = json!(seconds(c, "iat") + 90))),
        ("missing sub", "missing", claim(|c| drop(c.as_object_mut().unwrap().remove("sub")))),
        ("empty sub", "names nobody", claim(|c| c["sub"] = json!(""))),
        ("sub of 300 characters", "names nobody", claim(|c| c["sub"] = json!("s".repeat(300)))),
        ("sub as a number", "missing", claim(|c| c["sub"] = json!(7))),
        ("at_hash of another token", "another access token", claim(|c| c["at_hash"] = json!("A".repeat(22)))),
        ("alg none", "not allowed", token(|_, c| join(&header(|h| h["alg"] = json!("none")), c, |_| Vec::new()))),
        ("alg nOnE", "not allowed", token(|_, c| join(&header(|h| h["alg"] = json!("nOnE")), c, |_| Vec::new()))),
        (
            "HS256 with the public key",
            "not allowed",
            token(|keys, c| {
                let public = keys.public(1)[2].to_string();
                keys.by_hmac(&header(|h| h["alg"] = json!("HS256")), c, public.as_bytes())
            }),
        ),
        (
            "HS256 with the client's secret",
            "not allowed",
            token(|keys, c| {
                let secret = crate::support::oidc::SECRET.as_bytes();
                keys.by_hmac(&header(|h| h["alg"] = json!("HS256")), c, secret)
            }),
        ),
        ("another key under the right kid", "signature is wrong", token(|keys, c| keys.by_another(&header(|_| {}), c))),
        (
            "another key, brought along",
            "signature is wrong",
            token(|keys, c| keys.by_another(&header(|h| h["jwk"] = keys.other_public()), c)),
        ),
        ("unknown kid", "key is not known", token(|keys, c| keys.by_another(&header(|h| h["kid"] = json!("x")), c))),
        (
            "the right key's kid with another algorithm",
            "key is not known",
            token(|keys, c| keys.under(&header(|h| h["alg"] = json!("RS256")), c)),
        ),
        ("crit", "wants something", token(|keys, c| keys.under(&header(|h| h["crit"] = json!(["b64"])), c))),
        (
            "tampered payload",
            "signature is wrong",
            token(|keys, c| {
                let right = keys.under(&header(|_| {}), c);
                let mut other = c.clone();
                other["sub"] = json!("domain-owner.one");
                let forged = keys.under(&header(|_| {}), &other);
                let part = |token: &str, n: usize| token.split('.').nth(n).unwrap().to_owned();
                format!("{}.{}.{}", part(&right, 0), part(&forged, 1), part(&right, 2))
            }),
        ),
        (
            "no signature",
            "signature is wrong",
            token(|keys, c| {
                let right = keys.under(&header(|_| {}), c);
                right[..=right.rfind('.').unwrap()].to_owned()
            }),
        ),
        ("no token at all", "no signed token", token(|_, _| "e30".into())),
        ("five parts", "no signed token", token(|_, _| "e30.e30.e30.e30.e30".into())),
    ]
}

/// ASVS 6.8.2, 9.1.1, 9.1.2, 9.1.3, 9.2.1, 9.2.2, 9.2.3, 10.1.1, 10.5.1, 10.5.3, 10.5.4.
#[tokio::test]
async fn every_broken_token_is_refused() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    provider.person(app.at_provider("member.none").with_mfa());
    let open = app.open_sessions("member.none").await;
    let cases = broken();
    assert!(cases.len() >= 15);
    for (what, why, make) in cases {
        provider.forge(move |keys, claims| make(keys, claims));
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        assert_eq!((browser.status(), browser.says(REFUSED)), (403, true), "{what}: {}", browser.text());
        assert_eq!(browser.get_only("/home").await.status, 303, "{what}");
        let newest = app
            .read(|conn| Ok(audit_entries::list_older(conn, &audit_entries::Filter::default(), None, 1)?))
            .await
            .remove(0);
        assert_eq!((newest.action.as_str(), newest.result.as_str()), ("domain_sign_in", "refused"), "{what}");
        assert!(newest.details.contains(why), "{what}: {}", newest.details);
        assert!(!newest.details.contains("eyJ"), "a token in the log: {}", newest.details);
    }
    assert_eq!(app.open_sessions("member.none").await, open);
    // The truth still opens.
    provider.mend();
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/home");
}

/// What is odd and right is taken: several audiences with our azp, fractions, a clock a little off.
#[tokio::test]
async fn what_is_unusual_and_right_is_taken() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let unusual: Vec<Make> = vec![
        claim(|c| (c["aud"], c["azp"]) = (json!(["vestibule-test", "b"]), json!("vestibule-test"))),
        claim(|c| c["aud"] = json!(["vestibule-test"])),
        claim(|c| c["exp"] = json!(seconds(c, "iat") - 20)),
        claim(|c| c["iat"] = json!(seconds(c, "iat") + 30)),
        claim(|c| c["exp"] = json!(seconds(c, "exp") as f64 + 0.5)),
        claim(|c| drop(c.as_object_mut().unwrap().remove("at_hash"))),
        token(|keys, c| keys.under(&json!({"alg": "ES256"}), c)),
    ];
    for (n, make) in unusual.into_iter().enumerate() {
        provider.forge(move |keys, claims| make(keys, claims));
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        assert_eq!(browser.path(), "/home", "number {n}");
    }
}
