//! Registering, or accepting, where domain accounts alone sign in: it ends at **LOGIN**, with a word about
//! it, and opens no session that would be void.

use crate::registration::{ADA, HARBOR, agree};
use crate::support::oidc::{OidcServer, Person};
use crate::support::{Browser, TestApp};

const SAID: &str = "Your organization signs in with domain accounts: choose LOGIN";

async fn is_led_to_login(browser: &mut Browser) {
    browser.must_be_at("/login").must_say(SAID).must_say("Northwind domain account");
    assert_eq!(browser.get_only("/home").await.status, 303);
}

#[tokio::test]
async fn a_registration_ends_at_login() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.names_domain(HARBOR, "only").await;
    let mut ada = app.at_terms(HARBOR, &ADA).await;
    agree(&mut ada).await;
    is_led_to_login(&mut ada).await;
    let id = app.user(ADA.username).await.expect("an account").id;
    let found = app.read(move |conn| {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let now = time::PrimitiveDateTime::new(now.date(), now.time());
        Ok(vestibule::models::sessions::list(conn, &id, now)?.len())
    });
    assert_eq!(found.await, 0, "no session is left");
    // What was said works.
    provider.person(Person::new("domain-ada", ADA.email));
    ada.click("Login").await;
    let back = app.through(&provider, &mut ada).await;
    ada.get(&back).await;
    ada.must_be_at("/login/domain/link");
}

#[tokio::test]
async fn an_invitation_that_is_accepted_ends_at_login() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    let id = app.user_id("khollis");
    app.sql(format!("DELETE FROM memberships WHERE user_id = '{id}'")).await;
    app.sql(format!("UPDATE users SET managing_organization_id = NULL WHERE id = '{id}'")).await;
    app.names_domain(HARBOR, "only").await;
    let mut kendra = app.signed_in("khollis").await;
    kendra.get("/invitations").await;
    kendra.click("Accept").await;
    is_led_to_login(&mut kendra).await;
    assert!(app.membership_of("khollis", HARBOR).await.is_some());
}
