//! Ten wrong codes in a row pause a kind of factor, over all sessions; a hundred switch it off.

use crate::support::{BY_EMAIL, BY_PHONE, Browser, TestApp, other_than};

const WHICH: &str = "authenticator";

async fn enter(browser: &mut Browser, code: &str) {
    browser.post("/login/verify/authenticator", &[("code", code)]).await;
}

/// SECURITY section 2.
/// ASVS 6.6.3; NIST 3.1.3.2, 3.2.2.
#[tokio::test]
async fn the_eleventh_code_is_refused_though_it_is_right_and_works_after_15_minutes() {
    let app = TestApp::spawn().await;
    let wrong = app.wrong_totp("all.factors", WHICH);
    let mut browsers = Vec::new();
    for _ in 0..5 {
        let mut browser = app.after_password(BY_PHONE, "all.factors").await;
        browser.get("/login/verify/authenticator").await;
        browsers.push(browser);
    }
    for n in 1..=10 {
        let browser = &mut browsers[n % 5];
        enter(browser, &wrong).await;
        assert_eq!(browser.status(), if n < 10 { 200 } else { 429 }, "the {n}th");
    }
    browsers[0].must_say("Too many tries. You can try again at");
    let after: i64 = browsers[0].answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((898..=901).contains(&after), "{after}");
    assert_eq!(app.count_of("all.factors", "factor_paused").await, 1, "the owner is told");

    let eleventh = &mut browsers[1];
    enter(eleventh, &app.totp("all.factors", WHICH, 0)).await;
    assert_ne!(eleventh.path(), "/home");
    assert_eq!(app.open_sessions("all.factors").await, 0);
    // Another kind still works.
    app.signed_in("all.factors").await;

    app.later(14 * 60);
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    browser.click("Try another way").await;
    assert!(!browser.page().texts("button.choice strong").contains(&"Authenticator app".to_owned()));
    app.later(61);
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    browser.click("Try another way").await;
    browser.click("Authenticator app").await;
    enter(&mut browser, &app.totp("all.factors", WHICH, 0)).await;
    browser.must_be_at("/home");
}

/// SPEC section 1: somebody whose only factor is paused is locked, and told nothing more.
#[tokio::test]
async fn whoever_has_nothing_else_is_locked_until_the_pause_ends() {
    let app = TestApp::spawn().await;
    let wrong = app.wrong_totp("app.only", WHICH);
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    for _ in 0..10 {
        enter(&mut browser, &wrong).await;
    }
    let locked = app.after_password(BY_PHONE, "app.only").await;
    locked.must_be_at("/login/phone").must_say("The email address or password is not right.");
    let people: serde_json::Value = app.json("/sandbox/people.json").await;
    let person = people["people"].as_array().unwrap().iter().find(|p| p["username"] == "app.only").unwrap();
    assert_eq!(person["memberships"][0]["mfa_status"], "locked");
    app.later(15 * 60 + 1);
    app.signed_in("app.only").await;
}

/// A recovery code is a way left: who has one is not locked out by a pause, and still listed as locked.
#[tokio::test]
async fn a_recovery_code_serves_while_everything_else_is_paused() {
    let app = TestApp::spawn().await;
    let wrong = app.wrong_totp("jlandry", WHICH);
    let mut browser = app.after_password(BY_PHONE, "jlandry").await;
    for _ in 0..10 {
        enter(&mut browser, &wrong).await;
    }
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, false, "jlandry").await;
    browser.must_be_at("/login/verify/other").must_say("Recovery code");
    assert_eq!(browser.page().texts("button.choice strong"), ["Recovery code"], "nothing that is paused");
    let people: serde_json::Value = app.json("/sandbox/people.json").await;
    let person = people["people"].as_array().unwrap().iter().find(|p| p["username"] == "jlandry").unwrap();
    assert_eq!(person["memberships"][0]["mfa_status"], "locked");
    browser.click("Recovery code").await;
    let code = app.people.people["jlandry"].recovery_codes[0].clone();
    browser.fill("Recovery code", &code).click("Verify code").await;
    browser.must_be_at("/home");
    // A wrong password says what it says to everybody.
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&app.email("jlandry"), "Not-the-password-1").await;
    browser.must_be_at("/login/phone").must_say("The email address or password is not right.");
}

/// SECURITY section 2: a quarter of an hour, then half, then an hour each; a good code ends the row.
#[tokio::test]
async fn pauses_double_up_to_an_hour() {
    let app = TestApp::spawn().await;
    let mut at = 0;
    for minutes in [15, 30, 60, 60] {
        let wrong = app.wrong_totp("app.only", WHICH);
        let mut browser = app.after_password(BY_PHONE, "app.only").await;
        for _ in 0..10 {
            enter(&mut browser, &wrong).await;
        }
        assert_eq!(browser.status(), 429);
        let after: i64 = browser.answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!((minutes * 60 - 2..=minutes * 60 + 1).contains(&after), "{after} s for {minutes} min");
        at += minutes * 60 + 2;
        app.at(at);
    }
    app.signed_in("app.only").await;
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    let wrong = app.wrong_totp("app.only", WHICH);
    for _ in 0..9 {
        enter(&mut browser, &wrong).await;
        assert_eq!(browser.status(), 200);
    }
}

/// SECURITY section 2, hard cap (NIST SP 800-63B-4 section 3.2.2).
#[tokio::test]
async fn a_hundred_wrong_codes_in_a_row_switch_an_authenticator_off() {
    let app = TestApp::spawn().await;
    let mut at = 0;
    for round in 0..10 {
        let wrong = app.wrong_totp("app.only", WHICH);
        let mut browser = app.after_password(BY_PHONE, "app.only").await;
        browser.must_be_at("/login/verify/authenticator");
        for _ in 0..10 {
            enter(&mut browser, &wrong).await;
        }
        assert_eq!(browser.status(), 429, "round {round}");
        at += 3601;
        app.at(at);
    }
    assert_eq!(app.count_of("app.only", "factor_switched_off").await, 1);
    assert!(app.count_of("admin", "factor_switched_off_admin").await == 1, "the admins are told");
    let locked = app.after_password(BY_PHONE, "app.only").await;
    locked.must_be_at("/login/phone").must_say("is not right");
}

/// SECURITY section 2: codes by phone and by e-mail have counters of their own.
#[tokio::test]
async fn ten_wrong_codes_by_text_message_pause_the_phone_and_nothing_else() {
    let app = TestApp::spawn().await;
    for n in 0..2 {
        let mut browser = app.after_password(BY_PHONE, "owner.two").await;
        browser.click("Send Code").await;
        let code = app.code_of("owner.two").await;
        for _ in 0..5 {
            browser.post("/login/verify/phone/code", &[("code", &other_than(&code))]).await;
        }
        assert_eq!(browser.path(), if n == 0 { "/login" } else { "/login/verify/phone/code" });
        assert_eq!(browser.status(), if n == 0 { 200 } else { 429 });
    }
    let mut browser = app.after_password(BY_PHONE, "owner.two").await;
    browser.must_be_at("/login/verify/email");
    browser.post("/login/verify/phone", &[("how", "sms")]).await;
    assert_eq!(browser.path(), "/login/verify/other");
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_EMAIL, false, "owner.two").await;
    app.at(15 * 60 + 5);
    app.signed_in("owner.two").await;
}
