//! Set-up of one's own accord, from Home.

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

const FREE: &str = "member.none";

/// S1.
#[tokio::test]
async fn the_banner_on_home_leads_to_set_up() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in(FREE).await;
    browser.must_be_at("/home");
    browser.click("Set up now").await;
    browser.must_be_at("/security/setup").must_say("MFA Configuration");
    assert!(factors_of(&app, FREE).await.is_empty(), "looking changes nothing");
    browser.click("Show QR code").await;
    let before = browser.cookie("vestibule");
    enroll(&app, &mut browser, "Carla’s phone").await;
    browser.must_say("Save your recovery codes");
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home").must_say("Your account is well protected");
    assert_ne!(browser.cookie("vestibule"), before, "a session that is worth more has a new id");
    // There is a factor now: the page has done its work.
    app.later(1);
    assert_eq!(browser.get("/security/setup").await.status, 200);
    browser.post("/security/setup/begin", &[]).await;
    assert_eq!(factors_of(&app, FREE).await.len(), 1);
    app.after_password(BY_PHONE, FREE).await.must_be_at("/login/verify/authenticator");
}

/// ASVS 7.5.1.
#[tokio::test]
async fn the_password_must_not_be_of_long_ago() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in(FREE).await;
    app.later(590);
    browser.get("/security/setup").await;
    browser.must_be_at("/security/setup");
    browser.click("Show QR code").await;
    app.later(60);
    browser.refresh().await;
    browser.must_be_at("/security/setup");
    assert!(browser.page().has("#totp-key"), "what was begun in time can be finished");
    app.later(600);
    let answer = browser.get_only("/security/setup").await;
    assert_eq!((answer.status, answer.location()), (303, Some("/login?return_to=%2Fsecurity%2Fsetup")));
    browser.get("/home").await;
    browser.must_be_at("/home");
    browser.get("/security/setup").await;
    browser.click(BY_EMAIL).await;
    browser.sign_in_as(&app.email(FREE), &app.password(FREE)).await;
    browser.must_be_at("/security/setup");
}

#[tokio::test]
async fn a_remembered_session_gives_the_password_first() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, FREE).await;
    browser.close_and_reopen();
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/home");
    browser.click("Set up now").await;
    browser.must_be_at("/login?return_to=%2Fsecurity%2Fsetup");
}

#[tokio::test]
async fn who_has_a_factor_is_sent_to_security() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    assert_eq!(browser.get_only("/security/setup").await.location(), Some("/security"));
    browser.get("/security/sessions").await;
    let answer = browser.post_only("/security/setup", &[("code", "123456"), ("device_name", "x")]).await;
    assert_eq!(answer.location(), Some("/security"));
    let answer = browser.post_only("/security/setup/begin", &[]).await;
    assert_eq!(answer.location(), Some("/security"));
    let mut nobody = app.browser();
    assert_eq!(nobody.get_only("/security/setup").await.location(), Some("/login?return_to=%2Fsecurity%2Fsetup"));
}
