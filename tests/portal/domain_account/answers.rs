//! Answers that are another browser's, another provider's, used, or too late. ASVS 10.1.2, 10.2.1, 10.2.2.

use super::{REFUSED, STALE};
use crate::support::TestApp;
use crate::support::oidc::{Behavior, OidcServer};

/// One part of an answer replaced.
fn with(back: &str, name: &str, value: &str) -> String {
    let (path, query) = back.split_once('?').expect("an answer");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .map(|(k, v)| if k == name { (k, value.to_owned()) } else { (k, v) })
        .filter(|(_, v)| !v.is_empty())
        .collect();
    format!("{path}?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn value(back: &str, name: &str) -> String {
    let query = back.split_once('?').expect("an answer").1;
    let pair = url::form_urlencoded::parse(query.as_bytes()).into_owned().find(|(k, _)| k == name);
    pair.expect("a part of the answer").1
}

/// ASVS 10.1.2, 10.2.1.
#[tokio::test]
async fn an_answer_works_once_in_its_own_browser() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let mut victim = app.browser();
    let mut attacker = app.browser();
    let of_victim = app.to_provider(&provider, &mut victim).await;
    let of_attacker = app.to_provider(&provider, &mut attacker).await;
    let tokens = provider.calls("/token");
    // Somebody else's answer, brought to a browser with a sign-in of its own and to one without.
    victim.get(&of_attacker).await;
    victim.must_say(STALE);
    let mut stranger = app.browser();
    stranger.get(&of_victim).await;
    stranger.must_say(STALE);
    // The attacker's code under the victim's state is PKCE's and the nonce's business.
    assert_eq!(provider.calls("/token"), tokens, "no code was sent");
    let swapped = with(&of_victim, "code", &value(&of_attacker, "code"));
    victim.get(&swapped).await;
    assert_eq!(victim.status(), 403);
    victim.must_say(REFUSED);
    // Its own answer is used up by that.
    victim.get(&of_victim).await;
    victim.must_say(STALE);
    assert_eq!(victim.get_only("/home").await.status, 303);
    // An answer that worked does not work again, here or in a copy of this browser.
    let mut browser = app.browser();
    let back = app.to_provider(&provider, &mut browser).await;
    let mut copy = browser.clone();
    browser.get(&back).await;
    browser.must_be_at("/home");
    copy.get(&back).await;
    copy.must_say(STALE);
}

/// Fifty at once: the code is sent once.
#[tokio::test]
async fn fifty_times_the_same_answer_is_one_sign_in() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let before = (app.open_sessions("member.none").await, provider.calls("/token"));
    let mut browser = app.browser();
    let back = app.to_provider(&provider, &mut browser).await;
    let visits = (0..50).map(|_| {
        let (mut copy, back) = (browser.clone(), back.clone());
        async move { copy.get_only(&back).await }
    });
    let answers = futures_util::future::join_all(visits).await;
    assert_eq!(answers.iter().filter(|a| a.location() == Some("/home")).count(), 1);
    let after = (app.open_sessions("member.none").await, provider.calls("/token"));
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

/// ASVS 10.1.2, 10.2.1, 10.2.2.
#[tokio::test]
async fn an_answer_without_its_ties_is_refused() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let tokens = provider.calls("/token");
    for (name, other) in [("state", ""), ("state", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let mut browser = app.browser();
        let back = app.to_provider(&provider, &mut browser).await;
        browser.get(&with(&back, name, other)).await;
        browser.must_say(STALE);
        // A forged answer does not use the true one up.
        browser.get(&back).await;
        browser.must_be_at("/home");
    }
    // Mix-up: the issuer named is another one, or none although this provider always names itself.
    for other in ["https://evil.example", ""] {
        let mut browser = app.browser();
        let back = app.to_provider(&provider, &mut browser).await;
        browser.get(&with(&back, "iss", other)).await;
        assert_eq!(browser.status(), 403, "{other:?}");
        browser.must_say(REFUSED);
    }
    assert_eq!(provider.calls("/token"), tokens + 2, "only the true answers' codes were sent");
    // The provider signed nobody in.
    let mut browser = app.browser();
    let back = app.to_provider(&provider, &mut browser).await;
    browser.get(&(with(&back, "code", "") + "&error=access_denied")).await;
    browser.must_say(REFUSED);
}

#[tokio::test]
async fn ten_minutes_and_no_longer() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let mut late = app.browser();
    let back = app.to_provider(&provider, &mut late).await;
    app.later(601);
    late.get(&back).await;
    late.must_say(STALE);
    let mut in_time = app.browser();
    let back = app.to_provider(&provider, &mut in_time).await;
    app.later(500);
    in_time.get(&back).await;
    in_time.must_be_at("/home");
    // The proof that an account is one's own has its ten minutes, too.
    provider.person(app.at_provider("phone.only"));
    let mut slow = app.browser();
    app.by_domain(&provider, &mut slow).await;
    slow.must_be_at("/login/domain/link");
    app.later(601);
    slow.fill("Password", &app.password("phone.only")).click("Continue").await;
    slow.must_say(STALE);
}

/// A code that the provider has taken before, or that is too old there.
#[tokio::test]
async fn a_code_that_the_provider_refuses_opens_nothing() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    provider.behave(Behavior::RefuseCode);
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(REFUSED);
    assert_eq!(browser.get_only("/home").await.status, 303);
}

/// Only what was pressed begins a sign-in: a GET begins none, and a form without our token neither.
/// ASVS 7.6.2.
#[tokio::test]
async fn nothing_begins_by_a_get() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.browser();
    assert_eq!(browser.get_only("/login/domain").await.location(), Some("/login"));
    assert_eq!(browser.cookie("domain"), None);
    let answer = browser.ask(reqwest::Method::POST, "/login/domain", &[], Some(&[])).await;
    assert_eq!(answer.status, 403);
    assert_eq!(provider.calls("/.well-known/openid-configuration"), 0);
}
