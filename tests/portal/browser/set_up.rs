//! Set-up that is demanded, by each method; another factor that is due; new terms.

use super::chromium::{Chromium, Hands};
use super::entering::{at, password};
use super::looks::{DESK, PHONE};
use crate::set_up::code;
use crate::support::app::TestApp;

/// Somebody without a factor whose organization wants one.
const MUST: &str = "tbrooks";

async fn led_to_set_up(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Phone", MUST).await;
    page.must_be_at("/security/setup").await;
}

/// Forgets what was set up, and who was signed in.
async fn anew(page: &Chromium, app: &TestApp) {
    let id = app.user_id(MUST);
    app.execute(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
    app.later(120);
    page.forget().await;
}

async fn every_method(page: &Chromium, app: &TestApp) {
    led_to_set_up(page, app).await;
    page.must_be_fine().await;
    page.must_see("Scan the QR code with the app").await;
    page.must_be_fine().await;
    let key: String = page.text_of("#totp-key").await.split_whitespace().collect();
    app.mid_step();
    page.fill("One-time code", &code(app, &key, 0)).await;
    page.fill("Device name", "My phone").await;
    page.click("Save").await;
    page.must_see("Save your recovery codes").await;
    page.must_be_fine().await;
    page.check("I have saved these codes").await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    anew(page, app).await;

    led_to_set_up(page, app).await;
    page.click("Phone").await;
    at(page, "/security/setup/phone").await;
    page.fill("Phone Number", "601-555-0188").await;
    page.click("Call Me").await;
    at(page, "/security/setup/phone/call").await;
    app.press(MUST, "hangup").await;
    page.must_see("The call did not verify you").await;
    app.later(60);
    page.click("Use another number").await;
    page.must_be_at("/security/setup/phone").await;
    page.fill("Phone Number", "601-555-0188").await;
    page.click("Send Code").await;
    at(page, "/security/setup/phone/code").await;
    page.fill("Verification Code", &app.code_of(MUST).await).await;
    page.click("Verify Code").await;
    set_up(page).await;
    anew(page, app).await;

    led_to_set_up(page, app).await;
    page.click("Email").await;
    at(page, "/security/setup/email").await;
    page.click("Send verification code").await;
    page.must_see("Verification code has been sent to your inbox").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_of(MUST).await).await;
    page.click("Verify code").await;
    set_up(page).await;
}

async fn set_up(page: &Chromium) {
    page.must_be_at("/security/setup").await;
    page.must_see("Your second step is set up").await;
    page.must_be_fine().await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
}

/// Signed in by a method that stops counting: another factor is due before anything else.
async fn another_factor(page: &Chromium, app: &TestApp) {
    page.forget().await;
    password(page, app, "Login with Email", "rsmith").await;
    page.must_be_at("/login/verify/email").await;
    page.click("Send verification code").await;
    page.must_see("Verification code has been sent to your inbox").await;
    page.fill("Verification code", &app.code_of("rsmith").await).await;
    page.click("Verify code").await;
    page.must_see("E-mail address verified.").await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET enforce_mfa = TRUE, allowed_methods = 'phone' WHERE id = '{harbor}'"))
        .await;
    page.go("/home").await;
    at(page, "/security/factor").await;
    page.click("Continue").await;
    page.must_be_at("/login/verify/phone").await;
    page.forget().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_demanded_set_up_takes_each_method() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Mouse).await;
    every_method(&page, &app).await;
    another_factor(&page, &app).await;
    app.sql(format!("UPDATE users SET terms_version = '0' WHERE id = '{}'", app.user_id("lthao"))).await;
    password(&page, &app, "Login with Phone", "lthao").await;
    at(&page, "/terms").await;
    page.check("I have read and agree to these terms of use.").await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_demanded_set_up_needs_neither_mouse_nor_javascript() {
    for hands in [Hands::Keyboard, Hands::NoScript] {
        let app = TestApp::spawn().await.with_long_codes().await;
        let page = Chromium::open_with(&app.base, DESK, hands).await;
        every_method(&page, &app).await;
        page.close().await;
    }
}
