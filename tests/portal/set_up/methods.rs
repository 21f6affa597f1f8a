//! Set-up by what the organization takes: AUTHENTICATOR APP, PHONE, EMAIL. SPEC section 6.

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

/// A phone, proven by the code; then the sign-in goes on, and the phone is asked the next time.
#[tokio::test]
async fn a_phone_is_set_up_with_the_code() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    browser.must_be_at("/security/setup").must_say("Riverside Family Clinic requires");
    browser.click("Phone").await;
    browser.must_be_at("/security/setup/phone").must_say("Enter a number below that we can send a code via SMS");
    browser.fill("Phone Number", "601-555-0188 ext. 4").click("Send Code").await;
    browser.must_say("xtension");
    browser.fill("Phone Number", "601-555-0188").click("Send Code").await;
    browser.must_be_at("/security/setup/phone/code").must_say("XXX-XXX-0188");
    browser.fill("Verification Code", "12345").click("Verify Code").await;
    browser.must_say("Enter the 6-digit code");
    let code = app.code_of(MUST).await;
    browser.fill("Verification Code", &crate::support::other_than(&code)).click("Verify Code").await;
    browser.must_say("That code is not right");
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"));
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/security/setup").must_say("Your second step is set up");
    browser.click("Continue").await;
    browser.must_be_at("/home");
    assert_eq!(app.count_of(MUST, "factor_added").await, 1);
    app.after_password(BY_PHONE, MUST).await.must_be_at("/login/verify/phone");
}

/// Codes by e-mail, where the organization takes them.
#[tokio::test]
async fn codes_by_email_are_set_up_with_a_code() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_EMAIL, MUST).await;
    browser.click("Email").await;
    browser.must_be_at("/security/setup/email").must_say("Verification is necessary. Please click Send button.");
    browser.click("Send verification code").await;
    browser.must_say("Verification code has been sent to your inbox");
    let code = app.code_of(MUST).await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_be_at("/security/setup").must_say("Your second step is set up");
    browser.click("Continue").await;
    browser.must_be_at("/home");
    app.after_password(BY_EMAIL, MUST).await.must_be_at("/login/verify/email");
}

/// A session that was open when it was demanded goes on where it was.
#[tokio::test]
async fn an_open_session_sets_up_a_phone_and_goes_on() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    browser.must_be_at("/home");
    let id = app.organization_id("riverside");
    app.sql(format!("UPDATE organizations SET enforce_mfa = TRUE WHERE id = '{id}'")).await;
    browser.get("/home").await;
    browser.must_be_at("/security/setup");
    browser.click("Phone").await;
    browser.fill("Phone Number", "601-555-0188").click("Send Code").await;
    let code = app.code_of(MUST).await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/security/setup").must_say("Your second step is set up");
    browser.get("/home").await;
    browser.must_be_at("/home");
}

/// What the organization does not take is not offered, and its URL opens nothing.
#[tokio::test]
async fn only_what_counts_is_offered() {
    let app = TestApp::spawn().await;
    let id = app.organization_id("riverside");
    for (setting, offered, missing) in [
        ("allowed_methods = 'authenticator,phone'", vec!["Authenticator app", "Phone"], vec!["Email"]),
        ("allowed_methods = 'email'", vec![], vec!["Phone", "Authenticator app"]),
        (
            "allowed_methods = 'authenticator,phone,email', org_level_mfa = TRUE",
            vec!["Authenticator app", "Phone"],
            vec!["Email"],
        ),
    ] {
        app.sql(format!("UPDATE organizations SET org_level_mfa = FALSE WHERE id = '{id}'")).await;
        app.sql(format!("UPDATE organizations SET {setting} WHERE id = '{id}'")).await;
        let mut browser = app.after_password(BY_PHONE, MUST).await;
        let controls = browser.page().controls();
        assert!(offered.iter().all(|way| controls.iter().any(|c| c == way)), "{setting}: {controls:?}");
        assert!(missing.iter().all(|way| controls.iter().all(|c| c != way)), "{setting}: {controls:?}");
        if setting.contains("org_level_mfa") {
            browser.must_say("Your organization accepts: authenticator app and phone.");
        }
        for (way, path) in [("Phone", "/security/setup/phone"), ("Email", "/security/setup/email")] {
            if missing.contains(&way) {
                assert_eq!(browser.get_only(path).await.location(), Some("/security/setup"), "{setting}");
            }
        }
    }
}
