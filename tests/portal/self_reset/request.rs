//! The address: one answer for everybody.

use std::time::Instant;

use reqwest::Method;

use super::*;
use crate::support::timing::must_take_as_long;

/// E1, and who else gets no link: the same page, and no mail.
#[tokio::test]
async fn everybody_gets_the_same_answer_and_only_active_accounts_a_link() {
    let app = TestApp::spawn().await;
    let mut bodies = Vec::new();
    let people = ["phone.only", "disabled", "invited", "unfinished", "member.none"];
    for email in people.map(|username| app.email(username)).into_iter().chain(["nobody@nowhere.example".to_owned()]) {
        let browser = ask(&app, &email).await;
        browser.must_be_at("/mfa/reset").must_say(SENT);
        bodies.push(browser.answer.body.replace(&email, "TYPED"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    for (username, mails) in [("phone.only", 1), ("member.none", 1), ("disabled", 0), ("invited", 0), ("unfinished", 0)]
    {
        assert_eq!(app.outbox_of(username).await.len(), mails, "{username}");
    }
    assert_eq!(app.outbox().await.len(), 2);
    let mail = app.newest_is("phone.only", "sent").await;
    assert!(mail.text.contains("24 hours") && mail.text.contains("/mfa/reset/stop/"), "{}", mail.text);
}

/// E1, ASVS 6.3.8: strangers, users and disabled ones wait as long.
#[tokio::test]
async fn it_takes_as_long_for_known_and_unknown_addresses() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/mfa/reset").await;
    must_take_as_long(&["phone.only", "disabled", "nobody"], async |kind, n| {
        app.forget_limits("mails:").await;
        let email = if kind == "nobody" { format!("nobody.{n}@nowhere.example") } else { app.email(kind) };
        let begun = Instant::now();
        browser.post_only("/mfa/reset", &[("email", &email)]).await;
        begun.elapsed()
    })
    .await;
}

/// E2: the fourth within an hour is silent, and there is one request however often one asks.
#[tokio::test]
async fn three_mails_an_hour_then_silence_and_one_request_at_a_time() {
    let app = TestApp::spawn().await;
    for _ in 0..4 {
        ask(&app, &app.email("phone.only")).await.must_say(SENT);
    }
    assert_eq!(app.count_of("phone.only", "self_reset_link").await, 3);
    assert_eq!(rows(&app, "phone.only").await.len(), 1);
    app.later(3_601);
    ask(&app, &app.email("phone.only")).await.must_say(SENT);
    assert_eq!(app.count_of("phone.only", "self_reset_link").await, 4);
    assert_eq!(rows(&app, "phone.only").await.len(), 1);
}

#[tokio::test]
async fn one_address_asks_five_times_in_ten_minutes() {
    let app = TestApp::behind_proxy().await;
    let mut browser = app.browser().from("203.0.113.9");
    for n in 0..6 {
        browser.get("/mfa/reset").await;
        browser.fill("Email Address", &format!("nobody{n}@nowhere.example")).click("Continue").await;
        assert_eq!(browser.status(), if n < 5 { 200 } else { 429 });
    }
    browser.must_say("Too many tries. You can try again at");
}

/// E12.
#[tokio::test]
async fn an_account_of_a_domain_is_sent_to_its_login() {
    let app = TestApp::spawn().await;
    let id = app.user_id("member.none");
    app.sql(format!("UPDATE users SET password_hash = NULL WHERE id = '{id}'")).await;
    ask(&app, &app.email("member.none")).await.must_say(SENT);
    let mail = app.newest_is("member.none", "sent").await;
    assert_eq!(mail.kind, "self_reset_elsewhere");
    assert!(mail.text.contains("choose LOGIN"), "{}", mail.text);
    assert_eq!(rows(&app, "member.none").await.len(), 0);
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_said_beside_the_field() {
    let app = TestApp::spawn().await;
    for (typed, words) in [("", "Enter your email address."), ("nobody", "Enter an email address like")] {
        let browser = ask(&app, typed).await;
        browser.must_be_at("/mfa/reset").must_say("There is a problem").must_say(words);
    }
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.click("Reset it yourself").await;
    browser.must_be_at("/mfa/reset").must_say("What you’ll need").must_say("government-issued photo ID");
}

#[tokio::test]
async fn without_a_provider_the_page_says_so_and_nothing_is_begun() {
    let app = TestApp::serve_mode(|_| {}).await;
    let mut browser = app.browser();
    browser.get("/mfa/reset").await;
    browser.must_be_at("/mfa/reset").must_say("Identity checks are not available here").must_say("practice admin");
    browser.click("Other ways to sign in").await;
    browser.must_say("Multi-Factor Authentication Help");
    browser.get("/login").await;
    let answer = browser.post_only("/mfa/reset", &[("email", "a@b.example")]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.ask(Method::POST, "/hooks/stripe", &[], None).await.status, 404);
    for path in ["/sandbox/identity", "/sandbox/identity/vs_1"] {
        assert_eq!(browser.get_only(path).await.status, 404, "{path}");
    }
}

/// E3: opening consumes nothing, and the request goes on from any browser, where it was.
#[tokio::test]
async fn the_link_opens_again_and_again_on_any_device_until_the_request_ends() {
    let app = TestApp::spawn().await;
    let mut first = on_the_way(&app, "phone.only").await;
    let link = link(&app, "phone.only", "self_reset_link").await;
    assert_eq!(first.ask(Method::HEAD, &link, &[], None).await.status, 303);
    let id = begin(&mut first).await;
    let mut phone = app.browser();
    phone.get(&link).await;
    phone.must_be_at("/mfa/reset/progress").must_say("Step 3 of 6").must_say("nothing was handed in yet");
    assert_eq!(begin(&mut phone).await, id, "the same check goes on");
    app.later(23 * 3_600);
    first.refresh().await;
    first.get("/mfa/reset/progress").await;
    first.must_be_at("/mfa/reset/progress");
    app.later(3_700);
    first.get("/mfa/reset/progress").await;
    first.must_say("This link has expired. Links work for 24 hours.");
    phone.get(&link).await;
    phone.must_say("This link has expired.");
    phone.click("Get a new link").await;
    phone.must_be_at("/mfa/reset");
    phone.get("/mfa/reset/continue/nonsense").await;
    phone.must_say("This link has expired");
    app.browser().get("/mfa/reset/progress").await;
}

/// E4: a plain reason, another try with the same check, factors untouched.
#[tokio::test]
async fn a_document_that_is_not_good_enough_may_be_tried_again() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let id = begin(&mut browser).await;
    play(&app, &id, "requires_input", None).await;
    browser.get("/mfa/reset/return").await;
    browser.must_be_at("/mfa/reset/progress").must_say("The document could not be read").must_say("unchanged");
    assert_eq!((factors(&app, "phone.only").await, state(&app, "phone.only").await), (1, "identity".into()));
    assert_eq!(begin(&mut browser).await, id);
    play(&app, &id, "verified", None).await;
    browser.get("/mfa/reset/progress").await;
    browser.must_say("Step 4 of 6").must_say("It works until");
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 1);
}

/// ASVS 2.4.1: three sessions with the provider a day.
#[tokio::test]
async fn three_checks_a_day() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    for _ in 0..3 {
        let id = begin(&mut browser).await;
        play(&app, &id, "canceled", None).await;
    }
    browser.get("/mfa/reset/progress").await;
    browser.click("Start identity check").await;
    assert_eq!(browser.status(), 429);
    browser.must_say("You can begin another one at");
}

/// The outcome may take its time; nothing happens before.
#[tokio::test]
async fn a_delayed_outcome_shows_once_it_is_due() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let id = begin(&mut browser).await;
    let path = format!("/sandbox/identity/{id}");
    let body = json!({"outcome": "verified", "first_name": "Marcus", "last_name": "Tran", "delay_seconds": 60});
    assert_eq!(app.script(&path, body).await, 202);
    browser.get("/mfa/reset/progress").await;
    browser.must_say("Your document is being looked at");
    browser.click("Check again").await;
    browser.must_say("Your document is being looked at");
    let asks = browser.page().attribute("[data-poll]", "data-poll").expect("the script asks by itself");
    assert_eq!(browser.get_only(&asks).await.body, r#"{"state":"waiting"}"#);
    assert_eq!(app.browser().get_only(&asks).await.body, r#"{"state":"over"}"#, "a stranger learns nothing");
    app.later(61);
    browser.click("Check again").await;
    browser.must_say("Step 4 of 6");
    assert_eq!(app.script(&path, json!({"outcome": "verified"})).await, 409);
    assert_eq!(app.script("/sandbox/identity/vs_nobody", json!({"outcome": "verified"})).await, 404);
    for bad in [json!({"outcome": "good"}), json!({"outcome": "verified", "delay_seconds": -1}), json!([])] {
        assert_eq!(app.script(&path, bad).await, 400);
    }
}

/// A tester plays the document on a page too.
#[tokio::test]
async fn the_sandbox_has_a_page_to_play_the_document() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let id = begin(&mut browser).await;
    browser.get("/sandbox/identity").await;
    browser.must_say("Marcus Tran").must_say("Waits for you");
    browser.get(&format!("/sandbox/identity/{id}")).await;
    browser.must_say("Play the document of Marcus Tran");
    assert_eq!(browser.page().value("First name on the document").as_deref(), Some("Marcus"));
    browser.fill("Delay in seconds", "soon").click("Hand it in").await;
    browser.must_say("Enter a number of seconds");
    browser.fill("Delay in seconds", "0").click("Hand it in").await;
    browser.must_be_at("/mfa/reset/progress").must_say("Step 4 of 6");
    browser.get(&format!("/sandbox/identity/{id}")).await;
    browser.must_say("come to something already");
}
