//! How long it lasts, and for which option.

use crate::support::{BY_EMAIL, BY_PHONE, Browser, TestApp};

const HOUR: i64 = 3600;

async fn remembered(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, username).await;
    browser.close_and_reopen();
    browser
}

/// Presses an option as a person does who leaves the box as it stands.
async fn press(browser: &mut Browser, option: &str) {
    browser.get("/login").await;
    browser.click(option).await;
}

/// S10
#[tokio::test]
async fn after_3_h_59_min_nothing_is_asked_and_after_4_h_01_min_everything() {
    let app = TestApp::spawn().await;
    let mut browser = remembered(&app, "phone.only").await;
    for at in [60, HOUR, 2 * HOUR, 3 * HOUR + 59 * 60] {
        app.at(at);
        browser.close_and_reopen();
        press(&mut browser, BY_PHONE).await;
        browser.must_be_at("/home").must_say("Marcus");
    }
    // Being used did not prolong it.
    app.at(4 * HOUR + 60);
    browser.close_and_reopen();
    press(&mut browser, BY_PHONE).await;
    browser.must_be_at("/login/phone").must_say("Sign in with your email address");
    browser.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    browser.must_be_at("/login/verify/phone");
}

/// SPEC section 2: a session born from it ends with the four hours.
#[tokio::test]
async fn a_session_born_from_it_ends_with_the_four_hours() {
    let app = TestApp::spawn().await;
    let mut browser = remembered(&app, "phone.only").await;
    app.at(3 * HOUR + 50 * 60);
    press(&mut browser, BY_PHONE).await;
    app.at(4 * HOUR - 30);
    browser.get("/home").await;
    browser.must_be_at("/home");
    app.at(4 * HOUR + 30);
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login");
    assert!(!browser.page().is_checked("Remember Me"));
}

/// SPEC section 2: it runs from the end of the full sign-in, in several organizations too.
#[tokio::test]
async fn whoever_belongs_to_several_organizations_is_remembered_too() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_EMAIL, true, "ykim").await;
    app.second_step(&mut browser, "ykim").await;
    assert_eq!(browser.cookie("remember"), None, "Summit, who manages this account, has switched it off");

    app.relax("riverside").await;
    app.password_in(&mut browser, BY_PHONE, true, "two.orgs").await;
    browser.click("Harbor Valley Health").await;
    browser.close_and_reopen();
    app.at(3 * HOUR + 50 * 60);
    press(&mut browser, BY_PHONE).await;
    browser.must_be_at("/login/organization");
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home");
    browser.click("Switch organization").await;
    browser.click("Harbor Valley Health").await;
    app.at(4 * HOUR + 30);
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login");
}

/// S11
#[tokio::test]
async fn the_other_option_asks_for_everything_and_the_entry_stays() {
    let app = TestApp::spawn().await;
    let mut browser = remembered(&app, "owner.two").await;
    press(&mut browser, BY_EMAIL).await;
    browser.must_be_at("/login/email").must_say("Sign in with your email address");
    browser.sign_in_as(&app.email("owner.two"), &app.password("owner.two")).await;
    browser.must_be_at("/login/verify/email");
    app.second_step(&mut browser, "owner.two").await;
    browser.must_be_at("/home");
    for option in [BY_PHONE, BY_EMAIL] {
        browser.close_and_reopen();
        press(&mut browser, option).await;
        browser.must_be_at("/home");
    }
}

/// SPEC section 2: filed under the option, whatever factor was used.
#[tokio::test]
async fn it_is_filed_under_the_option_and_not_under_the_factor() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_EMAIL, true, "app.only").await;
    browser.close_and_reopen();
    press(&mut browser, BY_PHONE).await;
    browser.must_be_at("/login/phone");
    press(&mut browser, BY_EMAIL).await;
    browser.must_be_at("/home");
}

/// S19
#[tokio::test]
async fn the_box_shows_checked_while_somebody_is_remembered() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    assert!(!browser.page().is_checked("Remember Me") && !browser.says("Sign in as somebody else"));
    browser.must_say("Do not use this on a shared device.");
    let mut browser = remembered(&app, "phone.only").await;
    browser.get("/login").await;
    assert!(browser.page().is_checked("Remember Me"));
    browser.click("Sign in as somebody else").await;
    browser.must_say("Sign in with your email address").must_say("Remember Me is on");
    app.at(4 * HOUR + 60);
    browser.get("/login").await;
    assert!(!browser.page().is_checked("Remember Me"));
}

/// SPEC section 2: the page that was asked for first comes after it as well.
#[tokio::test]
async fn the_way_back_is_kept() {
    let app = TestApp::spawn().await;
    let mut browser = remembered(&app, "phone.only").await;
    browser.get("/messages").await;
    browser.click(BY_PHONE).await;
    browser.must_be_at("/messages");
}
