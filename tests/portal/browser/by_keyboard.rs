//! **Security** and **Practice Security Settings** by keyboard alone, with scripts and without.

use super::chromium::{Chromium, Hands, LOOKS};
use super::security::sign_in;
use crate::set_up::code;
use crate::support::app::TestApp;

/// The pages come by as they stand after each step.
async fn at(page: &Chromium, path: &str) {
    page.must_be_at(path).await;
    page.must_be_fine().await;
}

/// A first authenticator with its recovery codes, a phone, new codes, and the authenticator removed again.
async fn security(page: &Chromium, app: &TestApp) {
    sign_in(page, app, "member.none").await;
    at(page, "/home").await;
    page.go("/security").await;
    page.click("MFA Configuration").await;
    at(page, "/security/authenticator").await;
    page.click("Show QR code").await;
    page.must_see("Scan the QR code with the app").await;
    let key: String = page.text_of("#totp-key").await.split_whitespace().collect();
    page.fill("One-time code", &code(app, &key, 0)).await;
    page.fill("Device name", "Tablet").await;
    page.click("Save").await;
    recovery_codes(page).await;
    page.must_see("Tablet").await;
    page.click("Add a phone").await;
    at(page, "/security/phones/new").await;
    page.fill("Phone Number", "601-555-0124").await;
    page.click("Send Code").await;
    at(page, "/security/phones/new/code").await;
    page.fill("Verification Code", &app.code_to("+16015550124").await).await;
    page.click("Verify Code").await;
    at(page, "/security").await;
    page.click("Get new codes").await;
    at(page, "/security/recovery-codes").await;
    page.click("Get new codes").await;
    recovery_codes(page).await;
    page.click("Remove").await;
    page.must_see("Remove this authenticator app?").await;
    page.must_be_fine().await;
    page.click("Remove").await;
    at(page, "/security").await;
    page.must_see("No authenticator app yet").await;
    page.must_see("XXX-XXX-0124").await;
    page.forget().await;
}

async fn recovery_codes(page: &Chromium) {
    page.must_see("Save your recovery codes").await;
    page.must_be_fine().await;
    page.check("I have saved these codes").await;
    page.click("Continue").await;
    at(page, "/security").await;
}

/// MFA for everybody, over the preview.
async fn enforcing(page: &Chromium, app: &TestApp) {
    sign_in(page, app, "owner.two").await;
    page.must_be_at("/login/verify/phone").await;
    page.click("Send Code").await;
    page.must_be_at("/login/verify/phone/code").await;
    page.fill("Verification Code", &app.code_of("owner.two").await).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
    page.go("/admin/security").await;
    at(page, "/admin/security").await;
    page.check("Enforce multi-factor authentication for ALL users").await;
    page.click("Preview changes").await;
    at(page, "/admin/security/preview").await;
    page.must_see("would have to set up at once").await;
    page.click("Save").await;
    at(page, "/admin/security").await;
    assert_eq!(page.attribute("#enforce", "checked").await, "true");
    page.forget().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_keyboard_is_enough_for_security_and_its_settings() {
    for look in [LOOKS[0], LOOKS[3]] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, Hands::Keyboard).await;
        security(&page, &app).await;
        enforcing(&page, &app).await;
        assert_eq!(page.console().await, Vec::<String>::new(), "{look:?}");
        page.close().await;
    }
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_security_and_its_settings_need_no_javascript() {
    let app = TestApp::spawn().await;
    let page = Chromium::open_with(&app.base, LOOKS[0], Hands::NoScript).await;
    security(&page, &app).await;
    enforcing(&page, &app).await;
    page.close().await;
}
