//! Stripe Identity by its protocol: sessions, events, faults, and what becomes of its records.

use vestibule::domain::self_reset::tidy;

use super::*;
use crate::support::smtp::{Security, SmtpServer};
use crate::support::stripe::{Behavior, Kept, StripeServer, body, header};

async fn with_stripe() -> (StripeServer, TestApp) {
    let stripe = StripeServer::start().await;
    let app = TestApp::spawn_with(|config| config.stripe = Some(stripe.settings())).await;
    (stripe, app)
}

/// Up to where the document would be handed in.
async fn at_stripe(app: &TestApp, username: &str) -> Browser {
    let mut browser = on_the_way(app, username).await;
    browser.click("Start identity check").await;
    browser.must_be_at("/mfa/reset/identity").must_say("You will leave for 127.0.0.1");
    browser
}

/// The worker's turn.
async fn turn(app: &TestApp) {
    let provider = app.app.identity.clone().expect("a provider");
    tidy(&app.app.core, &*provider, app.app.identity_record()).await.expect("no fault");
}

/// E6, E7: verified is one mail, whatever comes twice, late or in another order.
/// ASVS 3.7.3.
#[tokio::test]
async fn a_verified_document_is_one_mail_however_often_it_is_told() {
    let (stripe, app) = with_stripe().await;
    let mut browser = at_stripe(&app, "phone.only").await;
    let session = stripe.newest();
    assert!(session.return_url.ends_with("/mfa/reset/return"));
    let away = browser.page().attribute("a.btn-primary", "href").expect("a link away");
    assert!(away.ends_with(&format!("/start/{}", session.id)), "{away}");

    stripe.decide(&session.id, "processing", None, ("", ""));
    assert_eq!(stripe.tell(&app, "evt_processing", &session).await, 200);
    browser.get("/mfa/reset/return").await;
    browser.must_say("Your document is being looked at");
    stripe.decide(&session.id, "verified", None, ("MARCUS", "TRAN"));
    let body = body("evt_verified", &session);
    let once = header(&app, 0, &body);
    assert_eq!(stripe.post(&app, &body, &once).await, 200);
    assert_eq!(stripe.post(&app, &body, &once).await, 400, "the same post once more");
    assert_eq!(stripe.post(&app, &body, &header(&app, -5, &body)).await, 400, "an older one");
    assert_eq!(stripe.post(&app, &body, &header(&app, 5, &body)).await, 200, "sent again under a new signature");
    // What was sent before comes after, and what it says is over.
    assert_eq!(stripe.tell(&app, "evt_late", &session).await, 200);
    assert_eq!(stripe.tell(&app, "evt_later", &session).await, 200);
    browser.get("/mfa/reset/progress").await;
    browser.must_say("Step 4 of 6");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 1);
    assert_eq!(app.audited("phone.only", "self_reset_names", "success").await, 1);
}

/// E6: under a right signature, and still nothing of ours: no session, no event, another kind, no JSON.
#[tokio::test]
async fn what_is_signed_and_not_about_a_session_of_ours_changes_nothing() {
    let (stripe, app) = with_stripe().await;
    at_stripe(&app, "phone.only").await;
    let ours = stripe.newest();
    stripe.decide(&ours.id, "verified", None, ("Marcus", "Tran"));
    let foreign = Kept { id: "vs_of_somebody_else".into(), ..ours.clone() };
    let nameless = body("evt_2", &ours).replace(&ours.reference, "");
    let other_kind = body("evt_3", &ours).replace("identity.verification_session", "charge");
    for (body, status) in [
        (body("evt_1", &foreign), 200),
        (nameless, 200),
        (other_kind, 200),
        (body(&"e".repeat(300), &ours), 400),
        (r#"{"id": "evt_4", "type": "identity.verification_session.verified"}"#.to_owned(), 400),
        ("[]".to_owned(), 400),
        ("not JSON".to_owned(), 400),
    ] {
        assert_eq!(stripe.post(&app, &body, &header(&app, 0, &body)).await, status, "{body}");
        assert_eq!(
            (state(&app, "phone.only").await, app.count_of("phone.only", "self_reset_ready").await),
            ("identity".into(), 0)
        );
    }
    // A signature with the right secret over another time than it names.
    let right = body("evt_5", &ours);
    let moved = header(&app, 0, &right).replacen("t=", "t=1", 1);
    assert_eq!(stripe.post(&app, &right, &moved).await, 400);
    assert_eq!(stripe.tell(&app, "evt_5", &ours).await, 200, "and as it should be, it counts");
    assert_eq!(state(&app, "phone.only").await, "ready");
}

/// Late: at the edge of the tolerance, and after the request has ended.
#[tokio::test]
async fn late_events_count_within_five_minutes_and_never_revive_a_request() {
    let (stripe, app) = with_stripe().await;
    at_stripe(&app, "phone.only").await;
    let session = stripe.newest();
    stripe.decide(&session.id, "processing", None, ("", ""));
    let early = body("evt_1", &session);
    assert_eq!(stripe.post(&app, &early, &header(&app, -295, &early)).await, 200);
    assert_eq!(stripe.post(&app, &early, &header(&app, -310, &early)).await, 400);

    // Verified, then told out of order: the older event comes last, and the session is what counts.
    app.later(86_400 + 60);
    stripe.decide(&session.id, "verified", None, ("Marcus", "Tran"));
    assert_eq!(stripe.tell(&app, "evt_2", &session).await, 200);
    turn(&app).await;
    assert_eq!((state(&app, "phone.only").await, factors(&app, "phone.only").await), ("expired".into(), 1));
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);

    // The next request begins a session of its own; the old one's verdict is nothing to it.
    app.forget_limits("mails:").await;
    at_stripe(&app, "phone.only").await;
    assert_ne!(stripe.newest().id, session.id);
    assert_eq!(stripe.tell(&app, "evt_3", &session).await, 200);
    turn(&app).await;
    assert_eq!(state(&app, "phone.only").await, "identity");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
}

/// Twenty at once, half of them the same event.
#[tokio::test]
async fn events_side_by_side_are_one_act() {
    let (stripe, app) = with_stripe().await;
    at_stripe(&app, "phone.only").await;
    let session = stripe.newest();
    stripe.decide(&session.id, "verified", None, ("Marcus", "Tran"));
    let posts = (0..20).map(|n| {
        let body = body(&format!("evt_{}", n % 10), &session);
        let header = header(&app, 0, &body);
        let (stripe, app) = (&stripe, &app);
        async move { stripe.post(app, &body, &header).await }
    });
    let statuses = futures_util::future::join_all(posts).await;
    assert!(statuses.iter().all(|s| [200, 400].contains(s)), "{statuses:?}");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 1);
    assert_eq!(rows(&app, "phone.only").await.len(), 1);
}

/// E4, in the provider's words made plain; the same session goes on.
#[tokio::test]
async fn what_stripe_finds_wrong_is_said_plainly() {
    let (stripe, app) = with_stripe().await;
    let mut browser = at_stripe(&app, "phone.only").await;
    let session = stripe.newest();
    for (code, words) in [
        ("document_expired", "The document has expired. Use one that is still valid."),
        ("selfie_face_mismatch", "The selfie does not look like the photo"),
        ("consent_declined", "needs your consent"),
        ("something_new", "The check did not succeed. Try again"),
    ] {
        stripe.decide(&session.id, "requires_input", Some(code), ("", ""));
        assert_eq!(stripe.tell(&app, &format!("evt_{code}"), &session).await, 200);
        browser.get("/mfa/reset/progress").await;
        browser.must_say(words);
    }
    browser.click("Try the identity check again").await;
    browser.must_be_at("/mfa/reset/identity");
    assert_eq!(stripe.sessions().len(), 1);
    assert_eq!(factors(&app, "phone.only").await, 1);
}

/// ASVS 13.2.5, 16.5.2: what is down, lies or leads elsewhere denies, and nothing is lost.
/// ASVS 13.2.4, 15.3.2.
#[tokio::test]
async fn while_stripe_is_down_nothing_happens_and_afterwards_everything() {
    let (stripe, app) = with_stripe().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    for behavior in [Behavior::Fail, Behavior::Garbage, Behavior::Redirect] {
        stripe.behave(behavior);
        browser.get("/mfa/reset/progress").await;
        let controls = browser.page().controls();
        let word = if controls.iter().any(|c| c == "Start identity check") { "Start identity check" } else { "Go on" };
        browser.click(word).await;
        browser.must_be_at("/mfa/reset/progress").must_say("does not answer right now");
    }
    assert_eq!(stripe.sessions().len(), 0);
    // One failure is tried again at once, under the same key.
    stripe.behave(Behavior::FailFor(1));
    browser.click("Go on").await;
    browser.must_be_at("/mfa/reset/identity");
    assert_eq!(stripe.sessions().len(), 1, "three tries were one check of three a day");

    let session = stripe.newest();
    stripe.decide(&session.id, "verified", None, ("Marcus", "Tran"));
    stripe.behave(Behavior::Fail);
    assert_eq!(stripe.tell(&app, "evt_1", &session).await, 503, "it is to send that again");
    assert_eq!(state(&app, "phone.only").await, "identity");
    browser.get("/mfa/reset/progress").await;
    browser.click("Finished already? Check again").await;
    browser.must_say("does not answer right now");
    stripe.behave(Behavior::Answer);
    assert_eq!(stripe.tell(&app, "evt_1", &session).await, 200);
    assert_eq!(state(&app, "phone.only").await, "ready");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 1);
}

/// The worker looks where no event comes, ends what is not wanted, and has records redacted.
#[tokio::test]
async fn the_worker_asks_cancels_and_redacts() {
    let (stripe, app) = with_stripe().await;
    at_stripe(&app, "phone.only").await;
    let first = stripe.newest();
    stripe.decide(&first.id, "processing", None, ("", ""));
    assert_eq!(stripe.tell(&app, "evt_1", &first).await, 200);
    stripe.decide(&first.id, "verified", None, ("Marcus", "Tran"));
    turn(&app).await;
    assert_eq!(state(&app, "phone.only").await, "ready");

    let mut other = at_stripe(&app, "email.only").await;
    let second = stripe.newest();
    other.get("/mfa/reset/progress").await;
    other.click("Stop and keep my factors").await;
    turn(&app).await;
    assert_eq!(stripe.newest().status, "canceled");
    assert!(stripe.calls().contains(&format!("POST /{}/cancel", second.id)));

    turn(&app).await;
    assert!(!stripe.sessions().iter().any(|s| s.redacted));
    app.later(30 * 86_400 + 60);
    turn(&app).await;
    assert!(stripe.sessions().iter().all(|s| s.redacted));
    let calls = stripe.calls().len();
    turn(&app).await;
    assert_eq!(stripe.calls().len(), calls, "once each");
}

/// ASVS 14.2.6: nothing of the document but the outcome stays where the names agree.
#[tokio::test]
async fn of_the_document_nothing_is_kept_but_the_outcome() {
    let (stripe, app) = with_stripe().await;
    at_stripe(&app, "phone.only").await;
    let session = stripe.newest();
    stripe.decide(&session.id, "verified", None, ("Marcus", "Tran"));
    assert_eq!(stripe.tell(&app, "evt_1", &session).await, 200);
    let row = rows(&app, "phone.only").await.pop().expect("a request");
    assert!(row.document.is_none() && row.document_key_id.is_none() && row.reasons.is_empty());
    let id = app.user_id("phone.only");
    let entries = app.read(move |conn| Ok(vestibule::models::audit_entries::list_about(conn, &id, None, 100)?)).await;
    assert!(entries.iter().any(|e| e.action == "identity_check" && e.details.contains("verified")));
    assert!(entries.iter().all(|e| !e.details.contains("Canary") && !e.details.contains("Marcus")));
}

/// The whole way with the real senders and a provider: no demo, secure cookies.
#[tokio::test]
async fn it_works_without_the_sandbox() {
    let stripe = StripeServer::start().await;
    let mail = SmtpServer::start(Security::None).await;
    let smtp = vestibule::outbox::email::SmtpSettings {
        host: "127.0.0.1".into(),
        port: Some(mail.port),
        tls: vestibule::outbox::email::SmtpTls::None,
        ca_file: None,
        user: None,
        password: None,
        from_address: "portal@login.example.org".into(),
        from_name: "Vestibule".into(),
        hello_name: None,
        max_connections: 2,
    };
    let app = TestApp::serve_mode(|config| {
        config.smtp = Some(smtp);
        config.stripe = Some(stripe.settings());
    })
    .await;
    let mut browser = ask(&app, &app.email("phone.only")).await;
    browser.must_say(SENT);
    browser.get(&mailed(&app, &mail, "/mfa/reset/continue/").await).await;
    browser.must_be_at("/mfa/reset/progress");
    browser.click("Start identity check").await;
    let session = stripe.newest();
    assert_eq!(session.return_url, "https://login.example.org/mfa/reset/return");
    stripe.decide(&session.id, "verified", None, ("Marcus", "Tran"));
    assert_eq!(stripe.tell(&app, "evt_1", &session).await, 200);
    browser.get(&mailed(&app, &mail, "/mfa/reset/finish/").await).await;
    let password = app.password("phone.only");
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login").must_say("Your factors were removed");
    assert_eq!(factors(&app, "phone.only").await, 0);
}

/// Waits for a mail with such a link; its path.
async fn mailed(app: &TestApp, mail: &SmtpServer, kind: &str) -> String {
    for _ in 0..500 {
        let text: Option<String> = {
            let received = mail.received();
            received.iter().rev().filter_map(|m| m.part("text/plain")).find(|text| text.contains(kind))
        };
        if let Some(text) = text {
            let url = text.split_whitespace().find(|word| word.contains(kind)).expect("a link").to_owned();
            return path(app, &url);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no mail with {kind}")
}
