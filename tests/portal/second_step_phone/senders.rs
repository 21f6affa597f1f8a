//! Senders that are down or slow.

use serde_json::json;

use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// S7
#[tokio::test]
async fn a_text_message_that_fails_is_said_to_and_can_be_tried_again() {
    let app = TestApp::spawn().await;
    app.senders(json!({"sms": "fail"})).await;
    let mut browser = app.after_password(BY_PHONE, "owner.two").await;
    browser.click("Send Code").await;
    browser.must_be_at("/login/verify/phone/code").must_say("The text message could not be sent");
    let controls = browser.page().controls();
    for wanted in ["Send a new code", "Try another way", "Get a call instead"] {
        assert!(controls.iter().any(|c| c == wanted), "{wanted} is not among {controls:?}");
    }
    app.senders(json!({"sms": "ok"})).await;
    browser.click("Send a new code").await;
    let code = app.code_of("owner.two").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
}

/// S7: the other ways lead on from the same sign-in.
#[tokio::test]
async fn another_way_leads_on_from_a_text_message_that_failed() {
    let app = TestApp::spawn().await;
    app.senders(json!({"sms": "fail", "call": "fail"})).await;
    let mut browser = app.after_password(BY_PHONE, "owner.two").await;
    browser.click("Send Code").await;
    browser.click("Try another way").await;
    browser.click("Code by e-mail").await;
    browser.must_be_at("/login/verify/email");
    app.second_step(&mut browser, "owner.two").await;
    browser.must_be_at("/home");
}

/// S7
#[tokio::test]
async fn a_call_that_cannot_be_placed_is_said_to_and_can_be_tried_again() {
    let app = TestApp::spawn().await;
    app.senders(json!({"call": "fail"})).await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Call Me").await;
    browser.must_be_at("/login/verify/call").must_say("The call could not be placed");
    assert!(browser.page().controls().iter().any(|c| c == "Try another way"));
    app.senders(json!({"call": "ok"})).await;
    browser.click("Call Me").await;
    browser.must_say("Answer and press #");
    assert_eq!(app.press("phone.only", "#").await, 204);
    browser.refresh().await;
    browser.must_be_at("/home");
}

/// S7, for e-mail.
#[tokio::test]
async fn an_email_that_fails_is_said_to_and_can_be_tried_again() {
    let app = TestApp::spawn().await;
    app.senders(json!({"email": "fail"})).await;
    let mut browser = app.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    browser.must_be_at("/login/verify/email").must_say("The e-mail could not be sent");
    assert!(browser.page().controls().iter().any(|c| c == "Try another way"));
    app.senders(json!({"email": "ok"})).await;
    browser.click("Send new code").await;
    let code = app.code_of("email.only").await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
}

/// S7: slower than two seconds.
#[tokio::test]
async fn a_slow_text_message_is_shown_as_sending_and_its_code_works() {
    let app = TestApp::spawn().await;
    app.senders(json!({"sms": "slow"})).await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    let begun = std::time::Instant::now();
    browser.click("Send Code").await;
    assert!(begun.elapsed().as_secs_f32() < 4.0, "the page waits two seconds at the most");
    browser.must_say("Sending…");
    browser.click("Refresh").await;
    browser.must_say("Sending…");
    let code = app.newest_is("phone.only", "sent").await.code.expect("a code");
    browser.click("Refresh").await;
    assert!(!browser.says("Sending…"), "{}", browser.text());
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
}
