//! Signing in and looking around, as people do it.

use super::chromium::{Chromium, LOOKS, Look};
use crate::support::app::TestApp;

async fn password(page: &Chromium, app: &TestApp, option: &str, username: &str) {
    page.go("/login").await;
    page.must_be_fine().await;
    page.click(option).await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email(username)).await;
    page.fill("Password", &app.password(username)).await;
    page.click("Sign in").await;
}

/// S3, S18 and the pages around, in every look.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_sign_in_by_phone_and_look_around() {
    for look in LOOKS {
        let app = TestApp::spawn().await;
        let page = Chromium::open(&app.base, look).await;
        password(&page, &app, "Login with Phone", "owner.one").await;
        page.must_be_at("/login/verify/phone").await;
        page.must_be_fine().await;
        page.click("Send Code").await;
        page.must_be_at("/login/verify/phone/code").await;
        page.must_be_fine().await;
        page.fill("Verification Code", "12345").await;
        page.click("Verify Code").await;
        page.must_be_fine().await;
        page.fill("Verification Code", &app.code_of("owner.one").await).await;
        page.click("Verify Code").await;
        page.must_be_at("/home").await;
        page.must_be_fine().await;
        for path in ["/messages", "/security/sessions", "/help/mfa", "/sandbox", "/sandbox/people", "/sandbox/controls"]
        {
            page.go(path).await;
            page.must_be_fine().await;
        }
        assert_eq!(page.console().await, Vec::<String>::new(), "{look:?}");
        page.close().await;
    }
}

/// S5: the page that waits goes on by itself once the # key was pressed.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_waiting_page_goes_on_after_the_pound_key() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base, Look { width: 390, dark: false }).await;
    password(&page, &app, "Login with Email", "phone.only").await;
    page.click("Call Me").await;
    page.must_be_at("/login/verify/call").await;
    page.must_be_fine().await;
    app.press("phone.only", "#").await;
    page.must_be_at("/home").await;
    page.close().await;
}

/// S18 in a browser: verified, and signed in only after **Continue**.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_code_by_email_wants_continue() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base, Look { width: 1280, dark: true }).await;
    password(&page, &app, "Login with Email", "email.only").await;
    page.must_be_fine().await;
    page.click("Send verification code").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_of("email.only").await).await;
    page.click("Verify code").await;
    page.must_be_fine().await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.close().await;
}
