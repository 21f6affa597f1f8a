//! **Terms of Use Agreement**.

use super::*;
use crate::support::BY_EMAIL;

/// G5.
#[tokio::test]
async fn until_the_terms_are_accepted_every_url_leads_to_them() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_terms(HARBOR, &ADA).await;
    for path in ["/home", "/messages", "/security", "/security/sessions", "/"] {
        browser.get(path).await;
        browser.must_be_at("/terms");
    }
    browser.click("Continue").await;
    browser.must_be_at("/terms").must_say("Check the box to go on.");
    agree(&mut browser).await;
    browser.must_be_at("/home");
    browser.get("/terms").await;
    browser.must_be_at("/home");
}

/// G5: a new version is asked again, at sign-in and of whoever is signed in.
#[tokio::test]
async fn a_new_version_is_asked_again() {
    let app = TestApp::spawn_with(|config| config.terms_version = "2".into()).await;
    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(&app.email("member.none"), &app.password("member.none")).await;
    browser.must_be_at("/terms").must_say("Version 2");
    agree(&mut browser).await;
    browser.must_be_at("/home");
    let user = app.user("member.none").await.expect("an account");
    assert_eq!(user.terms_version.as_deref(), Some("2"));
    app.sql(format!("UPDATE users SET terms_version = '1' WHERE id = '{}'", user.id)).await;
    browser.get("/messages").await;
    browser.must_be_at("/terms");
    agree(&mut browser).await;
    browser.must_be_at("/home");
}

#[tokio::test]
async fn with_several_organizations_the_terms_come_before_the_choice() {
    let app = TestApp::spawn_with(|config| config.terms_version = "2".into()).await;
    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(&app.email("two.orgs"), &app.password("two.orgs")).await;
    agree(&mut browser).await;
    browser.must_be_at("/login/organization");
}
