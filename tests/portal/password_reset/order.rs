//! Steps out of order, codes of another flow, guessing.

use super::NEW;
use crate::support::{BY_EMAIL, Browser, TestApp, other_than};

/// ASVS 2.3.1.
#[tokio::test]
async fn a_step_before_its_time_changes_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for path in ["/forgot-password/code", "/forgot-password/new-password"] {
        browser.get(path).await;
        browser.must_be_at("/forgot-password");
    }
    for (path, fields) in [
        ("/forgot-password/code", &[("code", "123456")][..]),
        ("/forgot-password/resend", &[][..]),
        ("/forgot-password/continue", &[][..]),
        ("/forgot-password/cancel", &[][..]),
        ("/forgot-password/new-password", &[("password", NEW), ("confirmation", NEW)][..]),
    ] {
        browser.post(path, fields).await;
        browser.must_be_at("/forgot-password");
    }
    browser.forget(&app.email("email.only")).await;
    browser.post("/forgot-password/continue", &[]).await;
    browser.must_be_at("/forgot-password/code");
    browser.get("/forgot-password/new-password").await;
    browser.must_be_at("/forgot-password");
    assert!(app.gets_past_password("email.only", &app.password("email.only")).await);
}

/// A half-made sign-in or a full one is no reset.
#[tokio::test]
async fn a_sign_in_does_not_open_the_form_for_a_new_password() {
    let app = TestApp::spawn().await;
    let half_made = app.after_password(BY_EMAIL, "email.only").await;
    for mut browser in [half_made, app.signed_in("member.none").await] {
        browser.post("/forgot-password/new-password", &[("password", NEW), ("confirmation", NEW)]).await;
        browser.must_be_at("/forgot-password");
    }
    assert!(app.gets_past_password("member.none", &app.password("member.none")).await);
}

#[tokio::test]
async fn a_code_of_one_flow_is_wrong_in_another() {
    let app = TestApp::spawn().await;
    let mut sign_in = app.after_password(BY_EMAIL, "email.only").await;
    sign_in.click("Send verification code").await;
    let of_sign_in = app.code_of("email.only").await;
    let mut reset = app.browser();
    reset.forget(&app.email("email.only")).await;
    let of_reset = app.newest_is("email.only", "sent").await.code.expect("a code");
    assert_ne!(of_sign_in, of_reset, "drawn alike once in a million");
    reset.fill("Verification code", &of_sign_in).click("Verify code").await;
    reset.must_say("That code is not right.");
    sign_in.fill("Verification code", &of_reset).click("Verify code").await;
    sign_in.must_say("That code is not right.");
    // Nor does the code of one browser's reset work in another's.
    let mut other = app.browser();
    other.forget(&app.email("email.only")).await;
    app.newest_is("email.only", "sent").await;
    other.fill("Verification code", &of_reset).click("Verify code").await;
    other.must_say("That code is not right.");
}

#[tokio::test]
async fn five_wrong_codes_are_all_also_over_new_ones() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.forget(&app.email("email.only")).await;
    let code = app.newest_is("email.only", "sent").await.code.expect("a code");
    for n in 0..5 {
        browser.fill("Verification code", &other_than(&code)).click("Verify code").await;
        browser.must_be_at("/forgot-password/code").must_say("That code is not right.");
        if n == 2 {
            app.later(31);
            browser.click("Send new code").await;
            browser.must_be_at("/forgot-password/code");
        }
    }
    let newest = app.newest_is("email.only", "sent").await.code.expect("a code");
    browser.fill("Verification code", &newest).click("Verify code").await;
    browser.must_be_at("/forgot-password").must_say("That was the last try for this code.");
    browser.get("/forgot-password/code").await;
    browser.must_be_at("/forgot-password");
}

/// ASVS 6.5.5; NIST 4.2.1.2.
#[tokio::test]
async fn codes_live_ten_minutes_and_the_whole_way_to_the_code_fifteen() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.forget(&app.email("email.only")).await;
    let code = app.newest_is("email.only", "sent").await.code.expect("a code");
    app.later(601);
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_say("That code is not right.");
    browser.click("Send new code").await;
    let code = app.newest_is("email.only", "sent").await.code.expect("a code");
    app.later(301);
    browser.post("/forgot-password/code", &[("code", &code)]).await;
    browser.must_be_at("/forgot-password").must_say("took too long");
}

#[tokio::test]
async fn cancel_drops_it_at_each_step() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.forget(&app.email("phone.only")).await;
    browser.click("Cancel").await;
    browser.must_be_at("/login").must_say("Nothing was changed.");
    let mut browser = app.after_mailbox("phone.only").await;
    browser.click("Cancel").await;
    browser.must_be_at("/login").must_say("Nothing was changed.");
    let mut browser = app.after_mailbox("email.only").await;
    browser.click("Cancel").await;
    browser.must_be_at("/login").must_say("Nothing was changed.");
    browser.get("/forgot-password/new-password").await;
    browser.must_be_at("/forgot-password");
}

/// A double click, a reload without JavaScript: the step that is done stays done.
#[tokio::test]
async fn a_right_code_that_is_sent_again_takes_nothing_back() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.forget(&app.email("member.none")).await;
    let code = app.newest_is("member.none", "sent").await.code.expect("a code");
    for _ in 0..8 {
        browser.post("/forgot-password/code", &[("code", &code)]).await;
        browser.must_be_at("/forgot-password/code").must_say("E-mail address verified. You can now continue.");
    }
    assert_eq!(app.audited("member.none", "password_reset_code", "failure").await, 0);
    browser.click("Continue").await;
    browser.choose_password(NEW, NEW).await;
    assert!(app.gets_past_password("member.none", NEW).await);
}

/// ASVS 15.4.2.
#[tokio::test]
async fn a_right_code_that_is_sent_many_times_at_once_is_right_each_time() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.forget(&app.email("member.none")).await;
    let code = app.newest_is("member.none", "sent").await.code.expect("a code");
    let fields = [("code", code.as_str())];
    let mut hands: Vec<Browser> = (0..8).map(|_| browser.clone()).collect();
    let all = hands.iter_mut().map(|hand| hand.post_only("/forgot-password/code", &fields));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.location(), Some("/forgot-password/code"));
    }
    browser.get("/forgot-password/code").await;
    browser.must_say("E-mail address verified. You can now continue.");
}
