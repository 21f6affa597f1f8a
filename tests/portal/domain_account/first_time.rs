//! The first time: an address finds the account and a local proof shows whose it is. ASVS 6.8.1.

use vestibule::models::Account;

use crate::support::TestApp;
use crate::support::oidc::{Behavior, OidcServer, Person};

#[tokio::test]
async fn the_accounts_password_and_its_second_step_connect_it() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    // What the provider proves does not stand for the account's own factor the first time.
    provider.person(app.at_provider("phone.only").with_mfa());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/login/domain/link");
    assert_eq!(browser.page().value("Email Address"), Some(app.email("phone.only")));
    browser.fill("Password", "not the password at all").click("Continue").await;
    browser.must_say("The password is not right.");
    browser.click("Continue").await;
    browser.must_say("Enter your password.");
    browser.fill("Password", &app.password("phone.only")).click("Continue").await;
    browser.must_be_at("/login/verify/phone");
    assert_eq!(app.identities().await, 0, "the password alone connects nothing");
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/home");
    assert_eq!(app.identities().await, 1);
    assert_eq!(app.audited("phone.only", "domain_linked", "success").await, 1);
    let told = app.newest_is("phone.only", "sent").await;
    assert_eq!(app.count_of("phone.only", "domain_linked").await, 1, "{told:?}");
    // From here on the provider's second factor counts, and nothing is asked here.
    let mut again = app.browser();
    app.by_domain(&provider, &mut again).await;
    again.must_be_at("/home");
}

#[tokio::test]
async fn an_address_alone_connects_nothing() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.names_domain("riverside", "off").await;
    for (what, person) in [
        ("not verified", Person { verified: false, ..app.at_provider("phone.only") }),
        ("an organization that does not name the provider", app.at_provider("khollis")),
        ("disabled", app.at_provider("disabled")),
        ("unfinished", app.at_provider("unfinished")),
        ("unknown", Person::new("stranger", "stranger@example.org")),
        ("no address", Person::new("stranger", "stranger")),
    ] {
        provider.person(person);
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        browser.must_say(super::REFUSED);
        assert_eq!((browser.status(), browser.get_only("/login/domain/link").await.status), (403, 303), "{what}");
    }
    assert_eq!(app.identities().await, 0);
}

/// Issuer and subject are the key: somebody else with the same address gets nowhere.
/// ASVS 6.8.1, 10.5.2.
#[tokio::test]
async fn somebody_else_with_the_same_address_gets_nowhere() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    provider.person(Person { sub: "domain-impostor".into(), ..app.at_provider("member.none").with_mfa() });
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(super::REFUSED);
    // The owner's address changed at the provider: it is still the owner.
    provider.person(Person { email: "new.name@example.org".into(), ..app.at_provider("member.none") });
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/home").must_say("Carla");
    // Another provider's people of the same subject are nobody here.
    app.sql("UPDATE domain_identities SET issuer = 'https://other.example'".into()).await;
    provider.person(app.at_provider("member.none"));
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/login/domain/link");
}

/// Passwords are counted here like everywhere.
#[tokio::test]
async fn the_local_proof_is_throttled() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.person(app.at_provider("phone.only"));
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    for _ in 0..5 {
        browser.fill("Password", "not the password at all").click("Continue").await;
        assert_eq!(browser.status(), 200);
    }
    browser.fill("Password", "not the password at all").click("Continue").await;
    assert_eq!(browser.status(), 429);
    browser.fill("Password", &app.password("phone.only")).click("Continue").await;
    assert_eq!(browser.status(), 429, "not judged while it waits");
    assert_eq!(app.identities().await, 0);
}

/// U10: somebody invited, or imported, comes by the domain account: a code to the address on record.
#[tokio::test]
async fn somebody_invited_shows_a_code_instead_of_a_password() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.person(app.at_provider("invited"));
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/login/domain/link");
    assert!(!browser.says("Password"), "there is none");
    browser.click("Send verification code").await;
    let code = app.newest_is("invited", "sent").await.code.expect("a code");
    browser.fill("Verification code", &crate::support::other_than(&code)).click("Verify code").await;
    browser.must_say("That code is not right.");
    let mut copy = browser.clone();
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_be_at("/terms");
    copy.fill("Verification code", &code).click("Verify code").await;
    assert!(copy.path().starts_with("/login"), "a second time it is worth nothing: {}", copy.path());
    browser.check("I have read and agree to these terms of use.", true).click("CONTINUE").await;
    browser.must_be_at("/home");
    assert_eq!(app.identities().await, 1);
    let mut again = app.browser();
    app.by_domain(&provider, &mut again).await;
    again.must_be_at("/home");
    // The password that this account does not have opens nothing.
    let mut other = app.browser();
    other.choose(crate::support::BY_PHONE, false).await;
    other.sign_in_as(&app.email("invited"), "").await;
    assert_ne!(other.path(), "/home");
}

/// SPEC sections 1 and 6, U10: with an organization for newcomers they get an account there, managed by
/// it and covered by what it demands.
#[tokio::test]
async fn newcomers_arrive_where_the_configuration_says_and_are_covered_alike() {
    let provider = OidcServer::start().await;
    let home = |settings: &mut vestibule::identity::oidc::OidcSettings| {
        settings.organization = Some("riverside family clinic".into());
    };
    let app = TestApp::with_domain_of(&provider, home).await;
    let noa = Person::new("noa-1", "noa.winter@riversideclinic.example");
    provider.person(noa.clone());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(super::REFUSED);
    app.names_domain("riverside", "only").await;
    for person in [Person { verified: false, ..noa.clone() }, Person { email: "noa winter".into(), ..noa.clone() }] {
        provider.person(person);
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        browser.must_say(super::REFUSED);
    }
    provider.person(Person { email_by_userinfo: true, ..noa.clone() });
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/security/setup");
    let found = app.read(|conn| {
        Ok(vestibule::models::users::find_by_email(conn, "noa.winter@riversideclinic.example")?.expect("an account"))
    });
    let user = found.await;
    assert_eq!(user.managing_organization_id, Some(app.organization_id("riverside")));
    assert_eq!((user.username.as_str(), user.first_name.as_str(), user.password_hash), ("noa.winter", "Noa", None));
    // The provider proves a second factor: terms, then home.
    provider.person(noa.with_mfa());
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/terms");
    browser.check("I have read and agree to these terms of use.", true).click("CONTINUE").await;
    browser.must_be_at("/home").must_say("Noa");
    assert_eq!(app.identities().await, 1);
}

#[tokio::test]
async fn userinfo_about_somebody_else_is_not_believed() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.person(Person { email_by_userinfo: true, ..app.at_provider("phone.only") });
    provider.behave(Behavior::OtherUserinfo);
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(super::REFUSED);
    provider.mend();
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/login/domain/link");
}

/// SPEC section 7: **Enable** gives back what **Disable** took, also to somebody who has no password.
#[tokio::test]
async fn whoever_came_by_domain_account_comes_again_once_enabled() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.person(app.at_provider("invited"));
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.click("Send verification code").await;
    let code = app.newest_is("invited", "sent").await.code.expect("a code");
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_be_at("/terms");
    browser.check("I have read and agree to these terms of use.", true).click("CONTINUE").await;
    browser.must_be_at("/home");
    let mut admin = app.signed_in("admin").await;
    let id = app.user_id("invited");
    for terms in ["terms_version", "NULL"] {
        app.sql(format!("UPDATE users SET terms_version = {terms} WHERE id = '{id}'")).await;
        let mails = app.count_of("invited", "invitation").await;
        admin.get(&format!("/admin/users/{id}")).await;
        admin.click("Disable").await;
        assert_eq!(app.account_of("invited").await.account, Account::Disabled);
        admin.click("Enable").await;
        assert_eq!(app.account_of("invited").await.account, Account::Active, "{terms}");
        assert_eq!(app.count_of("invited", "invitation").await, mails);
    }
    let mut again = app.browser();
    app.by_domain(&provider, &mut again).await;
    again.must_be_at("/terms");
}
