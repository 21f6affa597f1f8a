//! The sandbox of demo mode, as scripts use it, and that it is nowhere else.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use vestibule::routes::{Guard, table};

use crate::support::{BY_PHONE, TestApp};

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// SPEC section 11: exactly these keys.
#[tokio::test]
async fn the_outbox_has_the_documented_keys_and_the_newest_first() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    app.later(31);
    browser.get("/login/verify/phone").await;
    browser.click("Call Me").await;
    app.newest_is("phone.only", "ringing").await;
    let all: Value = app.json("/sandbox/outbox.json?to=%2B16015559885").await;
    let all = all.as_array().expect("a list");
    assert_eq!(all.iter().map(|m| m["channel"].as_str().unwrap()).collect::<Vec<_>>(), ["call", "sms"]);
    for message in all {
        let expected = "id channel to user_id kind subject text code link state press_url sent_at expires_at";
        assert_eq!(keys(message), words(expected));
    }
    assert!(all[0]["press_url"].as_str().unwrap().starts_with(&app.base));
    assert!(all[1]["sent_at"].as_str().unwrap().ends_with('Z'));
    let one: Value = app.json("/sandbox/outbox.json?limit=1").await;
    assert_eq!(one.as_array().unwrap().len(), 1);
    let none: Value = app.json("/sandbox/outbox.json?to=nobody").await;
    assert_eq!(none, json!([]));
}

/// SPEC section 11: passwords, keys and codes as first seeded work.
#[tokio::test]
async fn people_json_has_what_it_takes_to_sign_in() {
    let app = TestApp::spawn().await;
    let people: Value = app.json("/sandbox/people.json").await;
    assert_eq!(keys(&people), words("organizations people"));
    let list = people["people"].as_array().unwrap();
    assert!((55..=70).contains(&list.len()));
    let person = list.iter().find(|p| p["username"] == "app.only").unwrap();
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(person["email"].as_str().unwrap(), person["password"].as_str().unwrap()).await;
    browser.must_be_at("/login/verify/authenticator");
    assert_eq!(person["factors"][0]["totp_key"], app.totp_key("app.only", "authenticator"));
}

/// SPEC section 11: the clock is set live, and TOTP follows it.
#[tokio::test]
async fn the_clock_is_set_by_a_script() {
    let app = TestApp::spawn().await;
    assert_eq!(app.script("/sandbox/clock", json!({"offset_seconds": 86_400})).await, 204);
    assert_eq!(app.app.core.clock.offset(), 86_400);
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, false, "app.only").await;
    for wrong in [json!({}), json!({"offset_seconds": "1"}), json!({"offset_seconds": 1, "x": 2}), json!([])] {
        assert_eq!(app.script("/sandbox/clock", wrong).await, 400);
    }
    assert_eq!(app.script("/sandbox/senders", json!({"sms": "broken"})).await, 400);
    assert_eq!(app.script("/sandbox/calls/unknown/press", json!({"digit": "#"})).await, 404);
    assert_eq!(app.script("/sandbox/calls/unknown/press", json!({"digit": "##"})).await, 400);
}

/// A clock that is set back takes nobody's authenticator away.
#[tokio::test]
async fn an_authenticator_works_after_the_clock_was_set_back() {
    let app = TestApp::spawn().await;
    assert_eq!(app.script("/sandbox/clock", json!({"offset_seconds": 86_400})).await, 204);
    app.sign_in(&mut app.browser(), BY_PHONE, false, "app.only").await;
    assert_eq!(app.script("/sandbox/clock", json!({"offset_seconds": 0})).await, 204);
    app.sign_in(&mut app.browser(), BY_PHONE, false, "app.only").await;
}

/// DNS rebinding: a name of another site that was made to point at this machine finds nothing.
#[tokio::test]
async fn a_demo_answers_to_the_names_of_this_machine_only() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for (host, status) in
        [("evil.example", 403), ("localhost.evil.example", 403), ("localhost", 200), ("[::1]:80", 200)]
    {
        let answer = browser.ask(Method::GET, "/sandbox/people.json", &[("Host", host)], None).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

/// Another site's page may not use the sandbox of a developer's machine.
#[tokio::test]
async fn scripts_of_other_sites_are_refused() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for headers in [[("Origin", "https://evil.example")], [("Sec-Fetch-Site", "cross-site")], [("Origin", "null")]] {
        for (method, path) in [(Method::POST, "/sandbox/clock"), (Method::GET, "/sandbox/outbox.json")] {
            assert_eq!(browser.ask(method, path, &headers, None).await.status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(app.app.core.clock.offset(), 0);
}

/// The pages for people: the code is there to read, and # to press.
#[tokio::test]
async fn somebody_reads_the_code_and_presses_the_key_in_the_sandbox() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    let code = app.code_of("phone.only").await;
    let mut beside = app.browser();
    beside.get("/sandbox").await;
    beside.must_say(&code);
    app.later(31);
    browser.get("/login/verify/phone").await;
    browser.click("Call Me").await;
    app.newest_is("phone.only", "ringing").await;
    beside.get("/sandbox").await;
    beside.click("Press #").await;
    assert_eq!(beside.status(), 200, "{}", beside.text());
    browser.refresh().await;
    browser.must_be_at("/home");
    beside.get("/sandbox/people").await;
    beside.must_say(&app.email("phone.only"));
    beside.get("/sandbox/controls").await;
    assert_eq!(beside.status(), 200);
}

/// SPEC section 11: nothing of it exists outside demo mode.
/// ASVS 13.4.2.
#[tokio::test]
async fn nothing_of_the_sandbox_exists_outside_demo_mode() {
    let app = TestApp::serve_mode(|_| {}).await;
    let mut browser = app.browser();
    browser.get("/login").await;
    assert!(!browser.says("Sandbox") && !browser.says("Demo"));
    let mut seen = 0;
    for route in table().filter(|r| r.guard == Guard::Sandbox) {
        let method = Method::from_bytes(route.method.as_bytes()).unwrap();
        let path = route.path.replace("{id}", "x");
        let form = (route.method == "POST").then(|| vec![("csrf".to_owned(), browser.token())]);
        let answer = browser.ask(method, &path, &[], form.as_deref()).await;
        assert_eq!(answer.status, 404, "{} {path}", route.method);
        seen += 1;
    }
    assert!(seen >= 8);
}
