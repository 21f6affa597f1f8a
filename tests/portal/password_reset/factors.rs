//! Every kind of factor on the way, and where it ends. SPEC section 4, ASVS 6.4.3.

use super::NEW;
use crate::support::{BY_EMAIL, BY_PHONE, TestApp, other_than};

#[tokio::test]
async fn with_codes_by_email_alone_the_mailbox_is_the_factor_and_home_follows() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("email.only").await;
    browser.must_be_at("/forgot-password/new-password");
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home").must_say("Your password was changed.");
    assert!(app.gets_past_password("email.only", NEW).await);
    assert!(!app.gets_past_password("email.only", &app.password("email.only")).await, "the old one is over");
    assert_eq!(app.count_of("email.only", "password_changed").await, 1);
}

#[tokio::test]
async fn with_a_phone_a_text_message_is_shown_on_the_way() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("phone.only").await;
    browser.must_be_at("/login/verify/phone").must_say("XXX-XXX-");
    browser.get("/forgot-password/new-password").await;
    browser.must_be_at("/login/verify/phone");
    browser.get("/home").await;
    browser.must_be_at("/login/verify/phone");
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/forgot-password/new-password");
    browser.get("/home").await;
    browser.must_be_at("/forgot-password/new-password");
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
    assert_eq!(app.audited("phone.only", "password_reset", "success").await, 1);
}

#[tokio::test]
async fn with_a_phone_an_answered_call_does_as_well() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("phone.only").await;
    browser.click("Call Me").await;
    browser.must_be_at("/login/verify/call");
    assert_eq!(app.press("phone.only", "#").await, 204);
    browser.refresh().await;
    browser.must_be_at("/forgot-password/new-password");
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
}

#[tokio::test]
async fn with_an_app_or_a_token_its_code_is_shown() {
    for (username, which) in [("app.only", "authenticator"), ("token", "hardware_token")] {
        let app = TestApp::spawn().await;
        app.mid_step();
        let mut browser = app.after_mailbox(username).await;
        browser.must_be_at("/login/verify/authenticator");
        let wrong = app.wrong_totp(username, which);
        browser.fill("Verification Code", &wrong).click("Verify Code").await;
        browser.must_say("That code does not match.");
        app.second_step(&mut browser, username).await;
        browser.must_be_at("/forgot-password/new-password");
        browser.choose_password(NEW, NEW).await;
        browser.must_be_at("/home");
    }
}

#[tokio::test]
async fn with_a_recovery_code_by_try_another_way() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("all.factors").await;
    browser.must_be_at("/login/verify/phone");
    browser.click("Try another way").await;
    browser.must_say("only a reset by your administrator helps");
    assert!(!browser.says("Code by e-mail"), "the mailbox was shown already: {}", browser.text());
    browser.click("Recovery code").await;
    let code = app.people.people["all.factors"].recovery_codes[0].clone();
    browser.fill("Recovery code", &code).click("Verify code").await;
    browser.must_be_at("/forgot-password/new-password");
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
    assert_eq!(app.count_of("all.factors", "recovery_code_used").await, 1);
}

#[tokio::test]
async fn with_nothing_enrolled_it_ends_at_the_sign_in_page() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("member.none").await;
    browser.must_be_at("/forgot-password/new-password");
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/login").must_say("Your password was changed.");
    browser.get("/home").await;
    browser.must_be_at("/login");
    assert!(app.gets_past_password("member.none", NEW).await);
}

/// ASVS 6.4.3: whoever has the mailbox alone gets no password and no page.
#[tokio::test]
async fn the_mailbox_alone_opens_nothing_where_there_is_a_phone() {
    let app = TestApp::spawn().await;
    let mut thief = app.after_mailbox("owner.two").await;
    thief.must_be_at("/login/verify/phone");
    let factor = app.factor_id("owner.two", "email");
    let sent = app.count_of("owner.two", "sign_in_code").await;
    for (path, fields) in [
        ("/login/verify/email", &[][..]),
        ("/login/verify/email/continue", &[][..]),
        ("/login/verify/phone", &[("factor", factor.as_str()), ("how", "sms")][..]),
        ("/login/verify/phone/resend", &[("factor", factor.as_str())][..]),
        ("/login/verify/other", &[("way", "email")][..]),
        ("/login/organization", &[("organization", app.organization_id("harbor_valley").as_str())][..]),
        ("/forgot-password/new-password", &[("password", NEW), ("confirmation", NEW)][..]),
    ] {
        thief.post(path, fields).await;
        assert!(thief.path().starts_with("/login/verify"), "{path} led to {}", thief.path());
        thief.get("/login/verify/phone").await;
    }
    assert_eq!(app.count_of("owner.two", "sign_in_code").await, sent, "no code goes to the mailbox");
    for page in ["/home", "/messages", "/security", "/security/sessions"] {
        thief.get(page).await;
        thief.must_be_at("/login/verify/phone");
    }
    assert!(app.gets_past_password("owner.two", &app.password("owner.two")).await, "the password still works");
}

/// Wrong codes must not turn a phone into a mailbox: a paused factor is still asked for.
#[tokio::test]
async fn a_paused_phone_lets_the_mailbox_set_no_password() {
    let app = TestApp::spawn().await;
    for _ in 0..2 {
        let mut thief = app.after_password(BY_PHONE, "owner.two").await;
        thief.click("Send Code").await;
        let wrong = other_than(&app.code_of("owner.two").await);
        for _ in 0..5 {
            thief.post("/login/verify/phone/code", &[("code", &wrong)]).await;
        }
        app.later(61);
    }
    let thief = app.after_mailbox("owner.two").await;
    thief.must_be_at("/login").must_say("Your password was not changed");
    assert!(app.gets_past_password("owner.two", &app.password("owner.two")).await, "by e-mail as before");
    // An authenticator that is switched off is held up for good.
    let mut locked = app.after_mailbox("locked").await;
    locked.must_be_at("/login");
    locked.get("/forgot-password/new-password").await;
    locked.must_be_at("/forgot-password");
}

#[tokio::test]
async fn every_other_session_and_remembered_browser_ends_and_factors_stay() {
    let app = TestApp::spawn().await;
    let mut elsewhere = app.signed_in("all.factors").await;
    let mut half_made = app.after_password(BY_PHONE, "all.factors").await;
    app.later(61);
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_EMAIL, true, "all.factors").await;
    app.later(61);
    let before = app.read({
        let id = app.user_id("all.factors");
        move |conn| Ok(vestibule::models::factors::list(conn, &id)?.len())
    });
    let before = before.await;

    let mut browser = app.after_mailbox("all.factors").await;
    app.second_step(&mut browser, "all.factors").await;
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");

    for other in [&mut elsewhere, &mut half_made, &mut remembered] {
        other.get("/home").await;
        other.must_be_at("/login");
    }
    remembered.check("Remember Me", true).click(BY_EMAIL).await;
    remembered.must_be_at("/login/email");
    let after = app.read({
        let id = app.user_id("all.factors");
        move |conn| Ok(vestibule::models::factors::list(conn, &id)?.len())
    });
    assert_eq!(after.await, before);
    assert!(!browser.says("XXX"), "signed in for good");
    browser.get("/security/sessions").await;
    browser.must_be_at("/security/sessions");
}
