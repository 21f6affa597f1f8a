//! ASVS 6.4.4: mailbox, document and password together, or nothing. Drop any one, and the factors stay.

use super::*;
use crate::support::BY_PHONE;
use crate::support::stripe::{StripeServer, body, header};

async fn nothing_is_gone(app: &TestApp, username: &str, many: usize) {
    assert_eq!(factors(app, username).await, many);
    assert_eq!(app.count_of(username, "self_reset_done").await, 0);
}

/// The mailbox alone: a link, and a document in another name.
/// ASVS 6.4.4; NIST 4.2.2.2.
#[tokio::test]
async fn the_mailbox_alone_gets_nowhere() {
    let app = TestApp::spawn().await;
    let mut thief = on_the_way(&app, "phone.only").await;
    let id = begin(&mut thief).await;
    play(&app, &id, "verified", Some(("Mallory", "Thief"))).await;
    assert_eq!(state(&app, "phone.only").await, "review");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
    for path in ["/home", "/security", "/admin", "/login/verify", "/security/setup"] {
        let mut copy = thief.clone();
        copy.get(path).await;
        assert!(copy.path().starts_with("/login"), "{path} led to {}", copy.path());
    }
    nothing_is_gone(&app, "phone.only", 1).await;
}

/// Mailbox and document, without the password.
/// ASVS 6.4.4; NIST 4.2.2.2.
#[tokio::test]
async fn mailbox_and_document_without_the_password_get_nowhere() {
    let app = TestApp::spawn().await;
    let mut thief = at_the_password(&app, "phone.only").await;
    for guess in ["password123456", "Harbor Valley Health 2026", "letmein-letmein"] {
        thief.get("/mfa/reset/finish").await;
        thief.fill("Password", guess).click("Remove my factors").await;
        thief.must_say("The password is not right");
    }
    nothing_is_gone(&app, "phone.only", 1).await;
}

/// The password alone: the link goes to the mailbox, and signing in asks for the factor as ever.
/// ASVS 6.4.4; NIST 4.2.2.2.
#[tokio::test]
async fn the_password_alone_gets_nowhere() {
    let app = TestApp::spawn().await;
    let mut thief = ask(&app, &app.email("phone.only")).await;
    assert!(!thief.answer.body.contains("/mfa/reset/continue/"));
    thief.get("/mfa/reset/progress").await;
    thief.must_say("Open the link in your email");
    app.after_password(BY_PHONE, "phone.only").await.must_be_at("/login/verify/phone");
    nothing_is_gone(&app, "phone.only", 1).await;
}

/// A forged webhook: no signature of ours, and even a right one says nothing that is believed.
/// ASVS 4.1.5, 6.4.4.
#[tokio::test]
async fn a_forged_webhook_gets_nowhere() {
    let stripe = StripeServer::start().await;
    let app = TestApp::spawn_with(|config| config.stripe = Some(stripe.settings())).await;
    let mut thief = on_the_way(&app, "phone.only").await;
    thief.click("Start identity check").await;
    let session = stripe.newest();
    let body = body("evt_forged", &session);
    for bad in [
        String::new(),
        "t=1,v1=00".to_owned(),
        header(&app, -301, &body),
        header(&app, 330, &body),
        header(&app, 0, "{}"),
    ] {
        assert_eq!(stripe.post(&app, &body, &bad).await, 400, "{bad}");
    }
    assert_eq!(stripe.tell(&app, "evt_forged", &session).await, 200, "its words are not believed");
    assert_eq!(state(&app, "phone.only").await, "identity");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
    nothing_is_gone(&app, "phone.only", 1).await;
}

/// One person's document is not another's.
/// ASVS 6.4.4.
#[tokio::test]
async fn a_document_of_another_request_does_not_count() {
    let stripe = StripeServer::start().await;
    let app = TestApp::spawn_with(|config| config.stripe = Some(stripe.settings())).await;
    let mut thief = on_the_way(&app, "email.only").await;
    thief.click("Start identity check").await;
    let own = stripe.newest();
    let mut victim = on_the_way(&app, "phone.only").await;
    victim.click("Start identity check").await;
    let theirs = stripe.newest();
    stripe.decide(&own.id, "verified", None, ("Leila", "Haddad"));
    // The event names the thief's verified session and the victim's reference, or the other way round.
    let mixed = crate::support::stripe::Kept { reference: theirs.reference.clone(), ..own.clone() };
    assert_eq!(stripe.tell(&app, "evt_1", &mixed).await, 200);
    let mixed = crate::support::stripe::Kept { id: theirs.id.clone(), ..own.clone() };
    assert_eq!(stripe.tell(&app, "evt_2", &mixed).await, 200);
    assert_eq!(
        (state(&app, "phone.only").await, state(&app, "email.only").await),
        ("identity".into(), "identity".into())
    );
    // Even the provider's answer has to carry our reference.
    stripe.sessions().iter_mut().find(|s| s.id == theirs.id).expect("a session").reference = own.reference.clone();
    stripe.decide(&theirs.id, "verified", None, ("Marcus", "Tran"));
    assert_eq!(stripe.tell(&app, "evt_3", &theirs).await, 200);
    assert_eq!(state(&app, "phone.only").await, "identity");
    nothing_is_gone(&app, "phone.only", 1).await;
}
