//! The second step by e-mail: send, enter, **Continue**.

use crate::support::{BY_EMAIL, Browser, TestApp, other_than};

async fn sent(app: &TestApp, username: &str) -> (Browser, String) {
    let mut browser = app.after_password(BY_EMAIL, username).await;
    browser.must_be_at("/login/verify/email");
    browser.click("Send verification code").await;
    let code = app.code_of(username).await;
    (browser, code)
}

/// S18
#[tokio::test]
async fn the_right_code_is_said_to_and_only_continue_signs_in() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_EMAIL, "email.only").await;
    browser.must_be_at("/login/verify/email").must_say("Verification is necessary. Please click Send button.");
    let email = app.email("email.only");
    assert_eq!(browser.page().value("Email Address"), Some(email.clone()));
    assert!(browser.page().has("input[type=email][readonly]"), "filled in and fixed");
    browser.click("Send verification code").await;
    browser.must_say("Verification code has been sent to your inbox. Please copy it to the input box below.");
    let message = app.newest_is("email.only", "sent").await;
    assert_eq!((message.channel.as_str(), message.to), ("email", email));
    let code = message.code.expect("a code");
    assert!(message.text.contains(&code));
    let mut before = browser.clone();
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_be_at("/login/verify/email").must_say("E-mail address verified. You can now continue.");
    assert_eq!(app.open_sessions("email.only").await, 0);
    browser.get("/home").await;
    browser.must_be_at("/login/verify/email").must_say("You can now continue.");
    browser.click("Continue").await;
    browser.must_be_at("/home").must_say("Leila");
    before.get("/home").await;
    assert_eq!(before.path(), "/login", "the cookie from before is worth nothing");
}

/// S9.
/// ASVS 6.5.5; NIST 3.1.3.2.
#[tokio::test]
async fn a_code_works_for_30_seconds_from_hand_over_and_a_new_one_after_that() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "email.only").await;
    let shown = browser.page().attribute("[data-countdown]", "data-countdown").expect("a countdown in seconds");
    assert!((28..=30).contains(&shown.parse::<i64>().unwrap()), "{shown}");
    let mut late = browser.clone();
    app.at(28);
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_say("E-mail address verified.");

    let (mut browser, code) = sent(&app, "kowens").await;
    app.at(28 + 31);
    browser.post("/login/verify/email/code", &[("code", &code)]).await;
    browser.must_say("That code is not right.").must_say("The newest code has expired. Send a new code.");
    let there = browser.page().attribute("#errors a", "href").expect("a link to what helps");
    assert_eq!(browser.page().texts(&format!("button{there}")), ["Send new code"]);
    browser.click("Send new code").await;
    let new = app.code_of("kowens").await;
    browser.fill("Verification code", &new).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    late.refresh().await;
    late.must_say("You can now continue.");
}

/// SPEC section 2: the life of a code is a setting of the managing organization.
#[tokio::test]
async fn an_organization_lets_codes_live_longer() {
    let app = TestApp::spawn().await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET email_code_seconds = 600 WHERE id = '{harbor}'")).await;
    let (mut browser, code) = sent(&app, "email.only").await;
    app.at(590);
    browser.post("/login/verify/email/code", &[("code", &code)]).await;
    browser.must_say("E-mail address verified.");
}

/// SPEC section 2: 30 seconds between sends, five per sign-in.
/// ASVS 2.3.2, 2.4.1.
#[tokio::test]
async fn e_mails_are_30_seconds_apart_and_five_at_the_most() {
    let app = TestApp::spawn().await;
    let (mut browser, _) = sent(&app, "email.only").await;
    for n in 1..5 {
        app.at((n - 1) * 31 + 29);
        browser.get("/login/verify/email").await;
        browser.click("Send new code").await;
        assert_eq!(browser.status(), 429);
        browser.must_say("We can send another code at");
        app.at(n * 31);
        browser.get("/login/verify/email").await;
        browser.click("Send new code").await;
        assert_eq!(browser.status(), 200, "the {n}th again");
    }
    app.at(200);
    browser.get("/login/verify/email").await;
    browser.click("Send new code").await;
    browser.must_say("No more codes can be sent in this sign-in.");
    assert_eq!(app.count_of("email.only", "sign_in_code").await, 5);
}

/// S8.
/// ASVS 6.6.2.
#[tokio::test]
async fn a_code_that_was_replaced_or_belongs_to_another_sign_in_is_refused() {
    let app = TestApp::spawn().await;
    let (mut browser, first) = sent(&app, "email.only").await;
    app.later(31);
    browser.get("/login/verify/email").await;
    browser.click("Send new code").await;
    let second = app.code_of("email.only").await;
    let (mut other, foreign) = sent(&app, "email.only").await;
    for wrong in [&first, &foreign] {
        if **wrong != *second {
            browser.fill("Verification code", wrong).click("Verify code").await;
            browser.must_say("That code is not right. Check the newest email and try again.");
        }
    }
    browser.fill("Verification code", &second).click("Verify code").await;
    browser.must_say("E-mail address verified.");
    // Verified here is not verified there.
    other.get("/home").await;
    other.must_be_at("/login/verify/email").must_say("Please copy it to the input box below.");
}

/// SECURITY section 2: fifty clicks on Continue, exactly one session.
/// ASVS 6.5.1, 15.4.2.
#[tokio::test]
async fn fifty_clicks_on_continue_make_one_session() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "email.only").await;
    let right = app.fifty_posts(&browser, "/login/verify/email/code", &[("code", &code)]).await;
    assert_eq!(right, 0, "the code alone opens nothing");
    browser.get("/login/verify/email").await;
    // Forty-nine of the fifty were misses of a code that was used by then.
    if browser.path() == "/login/verify/email" {
        assert_eq!(app.fifty_posts(&browser, "/login/verify/email/continue", &[]).await, 1);
    }
}

/// SECURITY section 2: five tries.
/// ASVS 6.6.3.
#[tokio::test]
async fn the_fifth_wrong_code_ends_the_sign_in() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "email.only").await;
    for _ in 0..4 {
        browser.fill("Verification code", &other_than(&code)).click("Verify code").await;
        browser.must_say("That code is not right.");
    }
    browser.fill("Verification code", &other_than(&code)).click("Verify code").await;
    browser.must_be_at("/login").must_say("That was the last try");
}

/// SPEC section 2, Cancel: also after the code was right.
#[tokio::test]
async fn cancel_after_the_right_code_ends_it_as_well() {
    let app = TestApp::spawn().await;
    let (mut browser, code) = sent(&app, "email.only").await;
    browser.fill("Verification code", &code).click("Verify code").await;
    let mut copy = browser.clone();
    browser.click("Cancel").await;
    browser.must_be_at("/login");
    copy.click("Continue").await;
    assert_eq!(copy.path(), "/login");
}
