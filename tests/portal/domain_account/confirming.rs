//! **Confirm it is you** for people who came by a domain account and may have nothing else to show.

use crate::support::TestApp;
use crate::support::oidc::{OidcServer, Person};

#[tokio::test]
async fn showing_the_domain_account_again_stands_for_the_password() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.linked(&provider, "member.none").await;
    app.later(11 * 60);
    browser.get("/security/authenticator").await;
    browser.must_be_at("/security/confirm").must_say("Northwind domain account");
    browser.click("Confirm with Northwind").await;
    let back = app.through(&provider, &mut browser).await;
    let old = browser.cookie("vestibule");
    browser.get(&back).await;
    browser.must_be_at("/security/authenticator").must_say("Confirmed with your domain account.");
    assert_ne!(browser.cookie("vestibule"), old, "under a new id");
    assert_eq!(app.audited("member.none", "domain_confirmed", "success").await, 1);
}

/// ASVS 7.6.1.
#[tokio::test]
async fn what_the_provider_remembers_or_says_of_others_confirms_nothing() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.linked(&provider, "member.none").await;
    app.later(11 * 60);
    let person = app.at_provider("member.none");
    for (what, person) in [
        ("it does not say when", Person { auth_age: None, ..person.clone() }),
        ("somebody else", Person { sub: "domain-other".into(), ..person.clone() }),
    ] {
        provider.person(person);
        browser.get("/security/authenticator").await;
        browser.click("Confirm with Northwind").await;
        let back = app.through(&provider, &mut browser).await;
        browser.get(&back).await;
        browser.must_say(super::REFUSED);
        browser.get("/security/authenticator").await;
        assert_eq!(browser.path().split('?').next(), Some("/security/confirm"), "{what}");
    }
    // It was asked, and did not ask: prompt=login and max_age=0 were ignored.
    provider.person(person);
    provider.claim(|claims| claims["auth_time"] = (claims["iat"].as_i64().unwrap() - 900).into());
    browser.click("Confirm with Northwind").await;
    let back = app.through(&provider, &mut browser).await;
    browser.get(&back).await;
    browser.must_say(super::REFUSED);
    // Another browser's session is not confirmed.
    provider.mend();
    let mut other = app.signed_in("member.none").await;
    browser.get("/security/authenticator").await;
    browser.click("Confirm with Northwind").await;
    let back = app.through(&provider, &mut browser).await;
    let cookie = browser.cookie("domain").expect("under way");
    other.set_cookie("domain", &cookie);
    other.get(&back).await;
    other.must_say(super::STALE);
}

/// The console opens with the provider's second factor, and its acts want a recent one.
#[tokio::test]
async fn the_providers_second_factor_opens_the_console() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "owner.two").await;
    provider.person(app.at_provider("owner.two").with_mfa());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.get("/admin").await;
    browser.must_be_at("/admin");
    browser.get("/admin/users/new").await;
    browser.must_be_at("/admin/users/new");
    provider.person(Person { auth_age: Some(720), ..app.at_provider("owner.two").with_mfa() });
    let mut older = app.browser();
    app.by_domain(&provider, &mut older).await;
    older.must_be_at("/home");
    older.get("/admin").await;
    older.must_be_at("/admin");
    older.get("/admin/users/new").await;
    older.must_be_at("/security/confirm");
    older.click("Confirm with Northwind").await;
    let back = app.through(&provider, &mut older).await;
    older.get(&back).await;
    older.must_be_at("/admin/users/new");
    // Without the provider's word the console wants a factor of ours.
    provider.person(app.at_provider("owner.two"));
    let mut one = app.browser();
    app.by_domain(&provider, &mut one).await;
    one.must_be_at("/login/verify/phone");
    assert_eq!(one.get_only("/admin").await.status, 303);
}

/// ASVS 7.6.1: a provider that asked nobody has not seen the person just now.
#[tokio::test]
async fn a_sign_in_that_the_provider_remembered_is_no_fresh_one() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    for auth_age in [Some(720), None] {
        provider.person(Person { auth_age, ..app.at_provider("member.none") });
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        browser.must_be_at("/home");
        browser.get("/security/authenticator").await;
        browser.must_be_at("/security/confirm");
    }
}
