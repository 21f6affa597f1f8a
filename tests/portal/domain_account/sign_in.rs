//! Signing in with a domain account that is connected: what the provider says decides what is asked.

use crate::support::oidc::{OidcServer, Person, Signing};
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// SPEC section 2: word for word, and only where one is configured.
#[tokio::test]
async fn the_button_is_there_only_where_a_domain_is_configured() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.must_say("Use this login button if you have a Northwind domain account.");
    assert!(browser.page().controls().iter().any(|c| c.eq_ignore_ascii_case("LOGIN")));
    assert_eq!(provider.calls("/.well-known/openid-configuration"), 0, "the page asks nobody");
    let plain = TestApp::spawn().await;
    let mut browser = plain.browser();
    browser.get("/login").await;
    assert!(!browser.says("domain account"));
    let answer = browser.post_only("/login/domain", &[]).await;
    assert_eq!(answer.status, 404);
    assert_eq!(browser.get_only("/login/domain/return?code=a&state=b").await.status, 404);
}

/// ASVS 6.8.4: what is not said is one factor, and our own second step follows.
/// ASVS 7.6.1.
#[tokio::test]
async fn acr_amr_and_auth_time_decide_whether_the_second_step_is_asked() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "phone.only").await;
    let person = app.at_provider("phone.only");
    let two = |acr: &str| Person { acr: Some(acr.into()), ..person.clone() };
    for (what, person, home) in [
        ("a password alone", person.clone(), false),
        ("mfa in amr", person.clone().with_mfa(), true),
        ("a configured acr", two("urn:example:two"), true),
        ("another acr", two("urn:example:one"), false),
        ("mfa too long ago", Person { auth_age: Some(2 * 3_600), ..person.clone().with_mfa() }, false),
        ("mfa, and nobody says when", Person { auth_age: None, ..person.clone().with_mfa() }, false),
        ("nothing said", Person { amr: Vec::new(), auth_age: None, ..person.clone() }, false),
    ] {
        provider.person(person);
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        let (at, code) = (browser.path().to_owned(), browser.get_only("/security").await.status);
        if home {
            assert_eq!((at.as_str(), code), ("/home", 200), "{what}");
        } else {
            assert_eq!((at.as_str(), code), ("/login/verify/phone", 303), "{what}");
        }
    }
    // With no option pressed: hardware token, authenticator, phone, e-mail.
    app.linked(&provider, "all.factors").await;
    provider.person(app.at_provider("all.factors"));
    let mut again = app.browser();
    app.by_domain(&provider, &mut again).await;
    again.must_be_at("/login/verify/authenticator");
}

/// ASVS 9.1.2, 10.2.3: the provider here grants nothing but the three scopes that are used.
#[tokio::test]
async fn each_allowed_algorithm_signs_in() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    for signing in [Signing::Rs256, Signing::Ps256, Signing::Es256, Signing::EdDsa] {
        provider.sign_with(signing);
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        browser.must_be_at("/home");
    }
    assert_eq!(provider.calls("/keys"), 1, "the keys are read once");
    assert_eq!(provider.calls("/.well-known/openid-configuration"), 1);
    assert_eq!(app.audited("member.none", "domain_sign_in", "success").await, 5);
}

/// Remember Me is not for domain sign-ins, sign-out is local, and another node may finish.
/// ASVS 7.1.3.
#[tokio::test]
async fn a_domain_sign_in_remembers_nothing_and_any_node_finishes_it() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let node = crate::support::node::Node::beside(&app).await;
    let mut browser = app.browser();
    let back = app.to_provider(&provider, &mut browser).await;
    browser.move_to(&node.base);
    browser.get(&back).await;
    browser.must_be_at("/home");
    assert_eq!(browser.cookie("remember"), None);
    assert_eq!(browser.cookie("domain"), None, "used up");
    let calls = provider.calls("/authorize");
    browser.click("Sign out").await;
    browser.must_be_at("/signed-out");
    assert_eq!(provider.calls("/authorize"), calls);
}

/// An organization that does not name the provider takes none of its sign-ins.
#[tokio::test]
async fn a_provider_opens_only_the_organizations_that_name_it() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let riverside = app.organization_id("riverside");
    app.relax("riverside").await;
    provider.person(app.at_provider("two.orgs").with_mfa());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.fill("Password", &app.password("two.orgs")).click("Continue").await;
    browser.must_be_at("/login/organization");
    browser.post("/login/organization", &[("organization", riverside.as_str())]).await;
    assert_ne!(browser.path(), "/home", "{}", browser.text());
    let harbor = app.organization_id("harbor_valley");
    let mut browser = app.browser();
    provider.person(app.at_provider("two.orgs").with_mfa());
    // The link was not kept: that sign-in never ended.
    app.by_domain(&provider, &mut browser).await;
    browser.fill("Password", &app.password("two.orgs")).click("Continue").await;
    browser.post("/login/organization", &[("organization", harbor.as_str())]).await;
    browser.must_be_at("/home");
    // It stops naming the provider: what came by it has ended.
    app.names_domain("harbor_valley", "off").await;
    browser.get("/home").await;
    browser.must_be_at("/login");
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(super::REFUSED);
    assert_eq!(app.open_sessions("two.orgs").await, 1, "the row is there, and opens nothing");
}

/// U10, SPEC section 6: covered like everybody else, unless the provider proves a second factor.
#[tokio::test]
async fn enforcement_leads_to_set_up_where_the_provider_proves_nothing() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let id = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET enforce_mfa = TRUE WHERE id = '{id}'")).await;
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/security/setup");
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"));
    provider.person(app.at_provider("member.none").with_mfa());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/home");
    browser.get("/security/activity").await;
    browser.must_say("You signed in with your domain account and its second step.");
    assert_eq!(app.status_of("member.none").await, "SSO");
    // The status follows what the provider proved the last time.
    provider.person(app.at_provider("member.none"));
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/security/setup");
    assert_eq!(app.status_of("member.none").await, "set-up pending");
}

impl TestApp {
    async fn status_of(&self, username: &str) -> String {
        let people: serde_json::Value = self.json("/sandbox/people.json").await;
        let people = people["people"].as_array().expect("a list").clone();
        let person = people.into_iter().find(|p| p["username"] == username).expect("somebody");
        person["memberships"][0]["mfa_status"].as_str().expect("a word").to_owned()
    }
}

/// Disabled, locked, without an organization that names the provider: one text, and no session.
#[tokio::test]
async fn every_refusal_reads_alike() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    for username in ["locked", "member.none", "app.only"] {
        provider.person(app.at_provider(username));
        let (id, now) = (app.user_id(username), "2026-01-01 00:00:00");
        app.sql(format!(
            "INSERT INTO domain_identities (id, user_id, issuer, subject, created_at, last_used_at) \
             VALUES ('{id}', '{id}', '{}', 'domain-{username}', '{now}', '{now}')",
            provider.issuer
        ))
        .await;
    }
    app.sql(format!("UPDATE users SET account = 'disabled' WHERE id = '{}'", app.user_id("member.none"))).await;
    let mut texts = Vec::new();
    for person in [app.at_provider("locked"), app.at_provider("member.none"), Person::new("x", "x@nowhere.example")] {
        provider.person(person);
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        assert_eq!(browser.status(), 403);
        browser.must_say(super::REFUSED);
        texts.push(browser.text());
        assert_eq!(browser.get_only("/home").await.status, 303);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    // The IP Safelist refuses as after a password, with the address to report.
    provider.person(app.at_provider("app.only"));
    app.sql(format!(
        "INSERT INTO safelist_entries (id, organization_id, cidr, label, created_at) \
         VALUES ('x', '{}', '203.0.113.0/24', '', '2026-01-01 00:00:00')",
        app.organization_id("harbor_valley")
    ))
    .await;
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say("Your address is 127.0.0.1");
    assert_eq!(browser.status(), 403);
}

/// The other ways in are as they were.
#[tokio::test]
async fn passwords_go_on_beside_domain_accounts_that_are_allowed() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "phone.only").await;
    for option in [BY_PHONE, BY_EMAIL] {
        let mut browser = app.browser();
        app.forget_limits("").await;
        app.sign_in(&mut browser, option, false, "phone.only").await;
    }
}
