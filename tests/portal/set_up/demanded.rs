//! Somebody whose only organization demands a second step.

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

/// U6, U10: nothing but set-up, help and the way out answers until it is done.
#[tokio::test]
async fn nobody_gets_past_a_set_up_that_is_demanded() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    browser.must_be_at("/security/setup").must_say("MFA Configuration").must_say("Riverside Family Clinic requires");
    for path in [
        "/home",
        "/messages",
        "/security",
        "/security/sessions",
        "/login/verify",
        "/login/verify/other",
        "/login/verify/email",
    ] {
        let answer = browser.get_only(path).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/security/setup")), "{path}");
    }
    let answer = browser.post_only("/messages/read", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/security/setup")));
    assert_eq!(browser.get_only("/help/mfa").await.status, 200);
    browser.get("/security/setup").await;
    browser.click("Cancel").await.page();
    browser.must_be_at("/login").must_say("Your sign-in was canceled");
    assert_eq!(browser.get_only("/security/setup").await.location(), Some("/login?return_to=%2Fsecurity%2Fsetup"));
}

/// The whole way, and the next sign-in.
#[tokio::test]
async fn an_authenticator_is_set_up_and_asked_for_from_then_on() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_EMAIL, MUST).await;
    let key = enroll(&app, &mut browser, "Terrence’s phone").await;
    browser.must_be_at("/security/setup").must_say("Save your recovery codes").must_say("“Terrence’s phone” is ready");
    assert_eq!(browser.page().texts("#codes li").len(), 8);
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"), "not before Continue");
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
    assert_eq!(app.count_of(MUST, "factor_added").await, 1);
    assert_eq!(app.audited(MUST, "factor_added", "success").await, 1);
    assert_eq!(app.audited(MUST, "sign_in", "success").await, 1 + before(&app).await);

    let mut next = app.after_password(BY_EMAIL, MUST).await;
    next.must_be_at("/login/verify/authenticator");
    next.fill("Verification Code", &code(&app, &key, 0)).click("Verify Code").await;
    next.must_be_at("/login/verify/authenticator").must_say("That code does not match");
    app.later(30);
    next.fill("Verification Code", &code(&app, &key, 0)).click("Verify Code").await;
    next.must_be_at("/home");
}

/// Sign-ins of the sample's history.
async fn before(app: &TestApp) -> usize {
    app.audited("ebergstrom", "sign_in", "success").await
}

/// U2: what was only shown is not on.
/// ASVS 14.2.7.
#[tokio::test]
async fn a_set_up_that_was_left_leaves_nothing_on() {
    let app = TestApp::spawn().await;
    let browser = app.after_password(BY_PHONE, MUST).await;
    let first = key(&browser);
    let again = app.after_password(BY_PHONE, MUST).await;
    again.must_be_at("/security/setup");
    assert_ne!(key(&again), first, "another session, another key");
    let people: serde_json::Value = app.json("/sandbox/people.json").await;
    let me = people["people"].as_array().and_then(|p| p.iter().find(|p| p["username"] == MUST)).expect("a person");
    assert_eq!(me["factors"].as_array().map(Vec::len), Some(0));
    assert_eq!(me["memberships"][0]["mfa_status"], "set-up pending");
    app.later(700);
    vestibule::domain::purge::purge(&app.app.core).await.expect("what has ended is removed");
    assert!(factors_of(&app, MUST).await.is_empty());
}

/// The answer to Save is the only page that ever shows the codes.
/// ASVS 5.4.1.
#[tokio::test]
async fn codes_are_shown_once_and_a_second_save_makes_no_others() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    let code = code(&app, &key(&browser), 0);
    let fields = [("code", code.as_str()), ("device_name", "Phone")];
    browser.post("/security/setup", &fields).await;
    let shown = browser.page().texts("#codes li");
    let posted = browser.page().attribute("input[name=codes]", "value").expect("the codes, to come back");

    let mut reload = browser.clone();
    reload.post("/security/setup", &fields).await;
    reload.must_be_at("/security/setup").must_say("Your second step is set up");
    assert!(!reload.page().has("#codes"));
    assert_eq!(app.audited(MUST, "recovery_codes_made", "success").await, 1);

    browser.click("Continue").await;
    browser.must_be_at("/security/setup/recovery-codes").must_say("Save the codes first");
    assert_eq!(browser.page().texts("#codes li"), shown, "the same, and not new ones");
    let file = browser.post_only("/security/setup/recovery-codes/download", &[("codes", posted.as_str())]).await;
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"recovery-codes.txt\""));
    assert_eq!(file.header("cache-control"), Some("no-store"));
    assert!(shown.iter().all(|code| file.body.contains(code.as_str())), "{}", file.body);
    let foreign = [("codes", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA")];
    let answer = browser.post_only("/security/setup/recovery-codes/download", &foreign).await;
    assert_eq!(answer.status, 303, "nobody else's words in a file of ours");

    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
    // Each works, once.
    let mut lost = app.after_password(BY_PHONE, MUST).await;
    lost.click("Try another way").await;
    lost.click("Recovery code").await;
    lost.fill("Recovery code", &shown[0].to_lowercase()).click("Verify code").await;
    lost.must_be_at("/home");
}

#[tokio::test]
async fn who_is_remembered_again_after_set_up_is_not_asked() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, true, MUST).await;
    assert_eq!(browser.cookie("remember"), None, "not before the sign-in is full");
    enroll(&app, &mut browser, "Phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
    browser.close_and_reopen();
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/home");
}

/// SECURITY: 30 min for set-up, 10 for its secret.
/// NIST 4.1.2.2.
#[tokio::test]
async fn a_key_waits_for_ten_minutes_and_the_sign_in_for_thirty() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    let first = key(&browser);
    app.later(601);
    browser.refresh().await;
    browser.must_be_at("/security/setup");
    browser.click("Show QR code").await;
    assert_ne!(key(&browser), first);
    let second = key(&browser);
    app.later(601);
    save(&mut browser, &code(&app, &second, 0), "Phone").await;
    browser.must_say("The time for this key is over");
    assert_ne!(key(&browser), second);
    app.later(599);
    browser.get("/security/setup").await;
    browser.must_be_at("/login?return_to=%2Fsecurity%2Fsetup").must_say("took too long or has ended");
    assert!(factors_of(&app, MUST).await.iter().all(|f| f.confirmed_at.is_none()));
}

/// What the organization does not accept is of no use here.
#[tokio::test]
async fn an_authenticator_that_would_not_count_is_not_offered() {
    let app = TestApp::spawn().await;
    change_organization(&app, "riverside", "allowed_methods = 'phone,email'").await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    browser.must_be_at("/security/setup/phone").must_say("Riverside Family Clinic requires");
    assert!(!browser.says("Authenticator app") && browser.page().controls().iter().any(|words| words == "Email"));
    assert!(!browser.page().has("#totp-key") && !browser.page().has("input[name=device_name]"));
    browser.post("/security/setup/begin", &[]).await;
    browser.post("/security/setup", &[("code", "123456"), ("device_name", "Phone")]).await;
    assert!(factors_of(&app, MUST).await.is_empty());
}

/// U6: from everybody's next request.
#[tokio::test]
async fn a_demand_reaches_sessions_that_are_open() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let mut late = app.signed_in("lferguson").await;
    change_organization(&app, "harbor_valley", "enforce_mfa = TRUE").await;
    browser.get("/home").await;
    browser.must_be_at("/security/setup").must_say("Harbor Valley Health requires a second step");
    browser.click("Show QR code").await;
    enroll(&app, &mut browser, "Phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
    // Set-up follows a password, and not one of long ago.
    app.later(660);
    late.get("/home").await;
    late.must_be_at("/login?return_to=%2Fsecurity%2Fsetup").must_say("sign in with your password first");
}
