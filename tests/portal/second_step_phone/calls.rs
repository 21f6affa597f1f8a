//! **Call Me**: only #, only in time, only the sign-in that placed the call.

use crate::support::{BY_PHONE, Browser, TestApp};

async fn called(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.after_password(BY_PHONE, username).await;
    browser.click("Call Me").await;
    browser.must_be_at("/login/verify/call").must_say("Answer and press #");
    assert!(browser.answer.body.contains(r#"<noscript><meta http-equiv="refresh""#), "it refreshes itself");
    browser
}

async fn status(browser: &mut Browser) -> String {
    let answer = browser.get_only("/login/verify/call/status").await;
    serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON")["state"].as_str().unwrap().to_owned()
}

/// S5
#[tokio::test]
async fn the_pound_key_lets_the_waiting_page_go_on_by_a_refresh() {
    let app = TestApp::spawn().await;
    let mut browser = called(&app, "phone.only").await;
    browser.refresh().await;
    browser.must_say("Answer and press #");
    assert_eq!(status(&mut browser).await, "waiting");
    assert_eq!(app.press("phone.only", "#").await, 204);
    assert_eq!(status(&mut browser).await, "approved");
    // Looking is no act: only the page itself goes on.
    let head = browser.ask(reqwest::Method::HEAD, "/login/verify/call", &[], None).await;
    assert_eq!(head.status, 200);
    browser.refresh().await;
    browser.must_be_at("/home");
    assert_eq!(app.outbox_of("phone.only").await[0].press_url, None, "it takes no more keys");
}

/// S5
#[tokio::test]
async fn another_key_or_a_hang_up_approves_nothing_and_other_ways_are_offered() {
    let app = TestApp::spawn().await;
    for (username, key) in [("phone.only", "1"), ("owner.two", "hangup"), ("aalmasri", "*")] {
        let mut browser = called(&app, username).await;
        let call = app.newest_is(username, "ringing").await.press_url.expect("it rings");
        assert_eq!(app.press_at(&call, key).await, 204);
        assert_eq!(status(&mut browser).await, "over", "{key}");
        // The # key after another one comes too late.
        app.press_at(&call, "#").await;
        browser.refresh().await;
        browser.must_be_at("/login/verify/call").must_say("The call did not verify you");
        let controls = browser.page().controls();
        for wanted in ["Call Me", "Send Code", "Try another way"] {
            assert!(controls.iter().any(|c| c == wanted), "{key}: {wanted} is not among {controls:?}");
        }
        browser.get("/home").await;
        assert_eq!(browser.path(), "/login/verify/phone", "{key}");
    }
}

/// S5: a call can be answered for 60 seconds.
/// ASVS 6.5.5.
#[tokio::test]
async fn a_call_that_nobody_answers_in_time_approves_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = called(&app, "phone.only").await;
    let call = app.newest_is("phone.only", "ringing").await.press_url.expect("it rings");
    app.at(58);
    browser.refresh().await;
    browser.must_say("Answer and press #");
    app.at(61);
    app.press_at(&call, "#").await;
    browser.refresh().await;
    browser.must_say("The call did not verify you");
    assert_eq!(status(&mut browser).await, "over");
    browser.click("Send Code").await;
    let code = app.code_of("phone.only").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
}

/// S5: only the attempt that placed the call.
/// ASVS 6.6.2.
#[tokio::test]
async fn a_call_approves_no_other_browser_of_the_same_person() {
    let app = TestApp::spawn().await;
    let mut mine = called(&app, "phone.only").await;
    let mut other = app.after_password(BY_PHONE, "phone.only").await;
    app.press("phone.only", "#").await;
    other.get("/login/verify/call").await;
    assert_ne!(other.path(), "/home");
    other.get("/home").await;
    other.must_be_at("/login/verify/phone");
    mine.refresh().await;
    mine.must_be_at("/home");
}

/// S5: a newer call or code takes the place of the one before.
#[tokio::test]
async fn a_call_that_was_replaced_approves_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = called(&app, "phone.only").await;
    let call = app.newest_is("phone.only", "ringing").await.press_url.expect("it rings");
    app.later(31);
    browser.get("/login/verify/phone").await;
    browser.click("Send Code").await;
    app.press_at(&call, "#").await;
    browser.get("/login/verify/call").await;
    browser.must_be_at("/login/verify/call").must_say("The call did not verify you");
}

/// SECURITY section 2: an approval is used once.
#[tokio::test]
async fn fifty_looks_at_an_approved_call_make_one_session() {
    let app = TestApp::spawn().await;
    let browser = called(&app, "phone.only").await;
    app.press("phone.only", "#").await;
    let looks = (0..50).map(|_| {
        let mut copy = browser.clone();
        async move { copy.get_only("/login/verify/call").await }
    });
    let answers = futures_util::future::join_all(looks).await;
    let home = answers.iter().filter(|a| a.location() == Some("/home")).count();
    assert_eq!(home, 1);
    assert_eq!(app.open_sessions("phone.only").await, 1);
    assert!(answers.iter().all(|a| a.status < 500), "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
}
