//! **First login with multi-factor authentication**: a fresh link, and the same answer always.

use std::time::Instant;

use crate::support::timing::must_take_as_long;
use crate::support::{Browser, TestApp};

const SENT: &str = "If that address has an account, we have sent a link to it.";
const UNKNOWN: &str = "nobody@nowhere.example";

async fn ask(browser: &mut Browser, email: &str) {
    browser.get("/login").await;
    browser.click("click here to complete your registration").await;
    browser.fill("Email Address", email).click("Submit").await;
}

#[tokio::test]
async fn invited_and_unfinished_people_get_a_link_and_everybody_the_same_answer() {
    let app = TestApp::spawn().await;
    let mut bodies = Vec::new();
    let people = ["invited", "unfinished", "member.none", "disabled", "locked"];
    let addresses = people.map(|username| app.email(username)).into_iter().chain([UNKNOWN.to_owned()]);
    for email in addresses {
        let mut browser = app.browser();
        ask(&mut browser, &email).await;
        browser.must_be_at("/register/complete").must_say(SENT);
        bodies.push(browser.answer.body.replace(&email, "TYPED"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    for username in ["invited", "unfinished"] {
        let mail = app.newest_is(username, "sent").await;
        let link = mail.link.expect("a link");
        assert!(link.starts_with(&format!("{}/register/continue/", app.app.core.settings.public_url)), "{link}");
        assert!(mail.text.contains("20 minutes") && mail.text.contains(&link), "{}", mail.text);
    }
    for username in ["member.none", "disabled", "locked"] {
        assert_eq!(app.outbox_of(username).await.len(), 0, "{username}");
    }
    assert!(app.outbox().await.iter().all(|m| m.to != UNKNOWN));
}

#[tokio::test]
async fn the_link_goes_on_with_the_registration() {
    let app = TestApp::spawn().await;
    for username in ["invited", "unfinished"] {
        let mut browser = app.browser();
        ask(&mut browser, &app.email(username)).await;
        let link = app.newest_is(username, "sent").await.link.expect("a link");
        let path = link.strip_prefix(&app.app.core.settings.public_url).expect("a link of ours").to_owned();
        let mut elsewhere = app.browser();
        elsewhere.get(&path).await;
        elsewhere.must_be_at("/register/method");
    }
}

#[tokio::test]
async fn three_links_an_hour_then_silence_and_a_newer_one_kills_the_older() {
    let app = TestApp::spawn().await;
    for _ in 0..4 {
        let mut browser = app.browser();
        ask(&mut browser, &app.email("invited")).await;
        browser.must_say(SENT);
    }
    let mails = app.outbox_of("invited").await;
    assert_eq!(mails.len(), 3);
    let links: std::collections::BTreeSet<_> = mails.iter().filter_map(|m| m.link.clone()).collect();
    assert_eq!(links.len(), 3, "each is another");
}

#[tokio::test]
async fn one_address_asks_five_times_in_ten_minutes() {
    let app = TestApp::behind_proxy().await;
    let mut browser = app.browser().from("203.0.113.9");
    for n in 0..5 {
        ask(&mut browser, &format!("nobody{n}@nowhere.example")).await;
        browser.must_say(SENT);
    }
    ask(&mut browser, &app.email("invited")).await;
    assert_eq!(browser.status(), 429);
    browser.must_say("Too many tries. You can try again at");
    assert_eq!(app.outbox_of("invited").await.len(), 0);
}

/// ASVS 6.3.8.
#[tokio::test]
async fn it_takes_as_long_for_known_and_unknown_addresses() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/register/complete").await;
    must_take_as_long(&["invited", "unfinished", "member.none", "nobody"], async |kind, n| {
        app.forget_limits("mails:").await;
        app.forget_limits("register:").await;
        let email = if kind == "nobody" { format!("nobody.{n}@nowhere.example") } else { app.email(kind) };
        let begun = Instant::now();
        browser.post_only("/register/complete", &[("email", &email)]).await;
        begun.elapsed()
    })
    .await;
}
