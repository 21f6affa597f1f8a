//! After a reset set-up is demanded, whatever the organizations require and whether there is one: SPEC
//! section 9.

use super::*;
use crate::support::BY_PHONE;

/// Resets somebody's factors, and signs in with the password.
async fn reset_and_sign_in(app: &TestApp, username: &str) -> Browser {
    let mut browser = at_the_password(app, username).await;
    let password = app.password(username);
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login").must_say("Your factors were removed");
    app.after_password(BY_PHONE, username).await
}

async fn leaves_every_organization(app: &TestApp, username: &str) {
    let id = app.user_id(username);
    app.sql(format!("DELETE FROM memberships WHERE user_id = '{id}'")).await;
}

/// Nothing opens before set-up is done, and then everything does.
async fn is_led_to_set_up(app: &TestApp, browser: &mut Browser) {
    browser.must_be_at("/security/setup").must_say("You reset your factors");
    for path in ["/home", "/security", "/messages", "/admin", "/admin/reviews", "/security/sessions"] {
        assert_eq!(browser.get_only(path).await.location(), Some("/security/setup"), "{path}");
    }
    browser.get("/security/setup").await;
    crate::set_up::enroll(app, browser, "New phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
}

/// An operator need belong nowhere.
#[tokio::test]
async fn an_operator_without_an_organization_is_led_to_set_up() {
    let app = TestApp::spawn().await;
    leaves_every_organization(&app, "operator").await;
    let mut browser = reset_and_sign_in(&app, "operator").await;
    is_led_to_set_up(&app, &mut browser).await;
    browser.get("/admin").await;
    browser.must_be_at("/admin");
    app.after_password(BY_PHONE, "operator").await.must_be_at("/login/verify/authenticator");
}

/// Nor need anybody else who may sign in.
#[tokio::test]
async fn somebody_without_an_organization_is_led_to_set_up_before_the_terms() {
    let app = TestApp::spawn().await;
    leaves_every_organization(&app, "phone.only").await;
    let id = app.user_id("phone.only");
    app.sql(format!("UPDATE users SET terms_version = 'older' WHERE id = '{id}'")).await;
    let mut browser = reset_and_sign_in(&app, "phone.only").await;
    browser.must_be_at("/security/setup");
    assert_eq!(browser.get_only("/terms").await.location(), Some("/security/setup"));
    browser.get("/security/setup").await;
    crate::set_up::enroll(&app, &mut browser, "New phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/terms");
    browser.check("I have read and agree to these terms of use.", true).click("CONTINUE").await;
    browser.must_be_at("/home");
}

/// A phone does as well, and **Cancel** leaves nothing open.
#[tokio::test]
async fn a_phone_will_do_and_canceling_leaves_nothing_open() {
    let app = TestApp::spawn().await;
    leaves_every_organization(&app, "operator").await;
    let mut browser = reset_and_sign_in(&app, "operator").await;
    browser.click("Cancel").await;
    browser.get("/home").await;
    browser.must_be_at("/login");

    let mut browser = app.after_password(BY_PHONE, "operator").await;
    browser.get("/security/setup/phone").await;
    browser.must_say("You reset your factors");
    browser.fill("Phone Number", "(555) 010-0143").click("Send Code").await;
    let code = app.code_of("operator").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    app.after_password(BY_PHONE, "operator").await.must_be_at("/login/verify/phone");
}

/// Wherever somebody belongs, and where nothing is required.
#[tokio::test]
async fn every_organization_waits_for_set_up_and_an_exemption_helps_nobody() {
    let app = TestApp::spawn().await;
    for organization in ["harbor_valley", "riverside"] {
        app.relax(organization).await;
    }
    let mut browser = reset_and_sign_in(&app, "two.orgs").await;
    browser.must_be_at("/login/organization");
    assert_eq!(browser.get_only("/home").await.location(), Some("/login/organization"));
    browser.click("Harbor Valley Health").await;
    is_led_to_set_up(&app, &mut browser).await;
    browser.click("Switch organization").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home");

    let mut browser = reset_and_sign_in(&app, "exempt").await;
    is_led_to_set_up(&app, &mut browser).await;
}
