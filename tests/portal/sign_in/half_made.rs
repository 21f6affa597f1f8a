//! Between the password and the second step: nothing is open, and Cancel ends it all.

use vestibule::routes::{Guard, table};

use crate::support::{BY_PHONE, TestApp};

/// S2.
/// ASVS 6.3.3.
#[tokio::test]
async fn no_signed_in_page_answers_before_the_second_step() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    let mut seen = 0;
    for route in table().filter(|r| matches!(r.guard, Guard::SignedIn | Guard::SetUp)) {
        let path = route.path.replace("{id}", &app.user_id("phone.only"));
        let answer = match route.method {
            "GET" => browser.get_only(&path).await,
            _ => browser.post_only(&path, &[]).await,
        };
        // An empty form may be refused for its own sake before anything is looked up.
        if (route.method, answer.status) == ("POST", 400) {
            continue;
        }
        assert_eq!((answer.status, answer.location()), (303, Some("/login/verify")), "{} {path}", route.method);
        assert!(answer.body.is_empty(), "{} {path} says {}", route.method, answer.body);
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} routes");
    browser.refresh().await;
    browser.must_be_at("/login/verify/phone");
}

/// S2, and the way back after signing in. ASVS 3.7.2.
#[tokio::test]
async fn a_stranger_is_sent_to_login_and_comes_back_to_the_page() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/messages?page=2").await;
    assert_eq!(browser.path(), "/login?return_to=%2Fmessages%3Fpage%3D2");
    browser.click(BY_PHONE).await;
    browser.sign_in_as(&app.email("member.none"), &app.password("member.none")).await;
    browser.must_be_at("/messages?page=2");
}

/// ASVS 2.3.1: a step that is not due leads to the one that is.
#[tokio::test]
async fn a_later_step_cannot_be_taken_before_an_earlier_one() {
    let app = TestApp::spawn().await;
    let mut stranger = app.browser();
    stranger.get("/login").await;
    for (path, fields) in [
        ("/login/verify/phone/code", vec![("code", "123456")]),
        ("/login/verify/email/continue", vec![]),
        ("/login/organization", vec![("organization", "x")]),
    ] {
        assert_eq!(stranger.post_only(path, &fields).await.location(), Some("/login"), "{path}");
    }
    let mut half = app.after_password(BY_PHONE, "owner.two").await;
    assert_eq!(half.post("/login/verify/email/continue", &[]).await.path, "/login/verify/phone");
    assert_eq!(half.post("/login/organization", &[("organization", "x")]).await.path, "/login/verify/phone");
    assert_eq!(half.post("/login/verify/phone/code", &[("code", "123456")]).await.path, "/login/verify/phone");
}

/// S4
#[tokio::test]
async fn cancel_leaves_no_session_no_code_and_no_call() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    let code = app.code_of("phone.only").await;
    let mut copy = browser.clone();
    browser.click("Cancel").await;
    browser.must_be_at("/login").must_say("Your sign-in was canceled.");
    assert_eq!(browser.cookie("vestibule"), None);

    // The same cookie, kept by somebody else.
    copy.post("/login/verify/phone/code", &[("code", &code)]).await;
    assert_eq!(copy.path(), "/login");
    copy.get("/home").await;
    assert_eq!(copy.path(), "/login");

    // The old code in a new sign-in of the same person.
    app.later(31);
    let mut again = app.after_password(BY_PHONE, "phone.only").await;
    again.click("Send Code").await;
    if app.code_of("phone.only").await != code {
        again.fill("Verification Code", &code).click("Verify Code").await;
        again.must_say("That code is not right");
    }
}

/// S4, for a call that still rings.
#[tokio::test]
async fn a_call_that_rings_after_cancel_approves_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Call Me").await;
    let call = app.newest_is("phone.only", "ringing").await;
    let mut copy = browser.clone();
    browser.click("Cancel").await;
    assert_eq!(app.press_at(&call.press_url.unwrap(), "#").await, 404);
    copy.get("/login/verify/call").await;
    assert_eq!(copy.path(), "/login");
    assert_eq!(app.newest_is("phone.only", "ended").await.press_url, None);
}

/// SECURITY section 2: a sign-in that is not finished ends after ten minutes, whatever is done.
/// ASVS 2.3.2.
#[tokio::test]
async fn a_half_made_sign_in_ends_after_ten_minutes() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    for minute in 1..10 {
        app.at(minute * 60);
        browser.refresh().await;
        browser.must_be_at("/login/verify/phone");
    }
    app.at(601);
    browser.refresh().await;
    browser.must_be_at("/login").must_say("Start again");
}
