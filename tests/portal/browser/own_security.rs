//! **Security**: what people do about their own factors, address, password and sessions.

use super::chromium::{Chromium, Hands};
use super::entering::{at, password, see, signed_in};
use super::looks::{DESK, PHONE};
use crate::set_up::code;
use crate::support::app::TestApp;

async fn recovery_codes(page: &Chromium) {
    page.must_see("Save your recovery codes").await;
    page.must_be_fine().await;
    page.check("I have saved these codes").await;
    page.click("Continue").await;
    page.must_be_at("/security").await;
}

/// A first authenticator with its recovery codes.
async fn authenticator(page: &Chromium, app: &TestApp) {
    page.go("/security").await;
    page.must_see("No authenticator app yet").await;
    page.must_be_fine().await;
    page.click("MFA Configuration").await;
    at(page, "/security/authenticator").await;
    page.must_see("Scan the QR code with the app").await;
    page.must_be_fine().await;
    if page.hands != Hands::NoScript {
        page.click("Copy key").await;
        page.must_see("Copied").await;
    }
    let key: String = page.text_of("#totp-key").await.split_whitespace().collect();
    page.fill("One-time code", "12345").await;
    page.fill("Device name", "Tablet").await;
    page.click("Save").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    assert_eq!(page.text_of("#totp-key").await.split_whitespace().collect::<String>(), key, "the same key");
    app.mid_step();
    page.fill("One-time code", &code(app, &key, 0)).await;
    page.click("Save").await;
    recovery_codes(page).await;
    page.must_see("Tablet").await;
}

/// A phone by text message and another by a call; then the code by e-mail.
async fn phones_and_mail(page: &Chromium, app: &TestApp) {
    page.click("Add a phone").await;
    at(page, "/security/phones/new").await;
    page.fill("Phone Number", "601-555-0124").await;
    page.click("Send Code").await;
    at(page, "/security/phones/new/code").await;
    page.fill("Verification Code", &app.code_to("+16015550124").await).await;
    page.click("Verify Code").await;
    page.must_be_at("/security").await;
    page.must_see("XXX-XXX-0124").await;
    app.later(60);
    page.click("Add a phone").await;
    page.must_be_at("/security/phones/new").await;
    page.fill("Phone Number", "601-555-0125").await;
    page.click("Call Me").await;
    at(page, "/security/phones/new/call").await;
    app.press("member.none", "#").await;
    page.must_be_at("/security").await;
    page.must_see("XXX-XXX-0125").await;
    page.click("Turn on").await;
    at(page, "/security/email-code").await;
    page.click("Send verification code").await;
    page.must_see("Verify code").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_of("member.none").await).await;
    page.click("Verify code").await;
    page.must_be_at("/security").await;
    page.must_be_fine().await;
}

/// New codes, another name, and the authenticator removed again.
async fn renamed_and_removed(page: &Chromium) {
    page.click("Get new codes").await;
    at(page, "/security/recovery-codes").await;
    page.click("Get new codes").await;
    recovery_codes(page).await;
    page.click("Rename").await;
    page.must_see("What do you call this").await;
    page.must_be_fine().await;
    page.clear("Device name").await;
    page.fill("Device name", "Tablet of the front desk").await;
    page.click("Save").await;
    page.must_be_at("/security").await;
    page.must_see("Tablet of the front desk").await;
    page.click("Remove").await;
    page.must_see("Remove this authenticator app?").await;
    page.must_be_fine().await;
    page.click("Remove").await;
    page.must_be_at("/security").await;
    page.must_see("No authenticator app yet").await;
}

/// Sessions, activity, address and password; and the question who it is, when that was long ago.
async fn account(page: &Chromium, app: &TestApp) {
    let elsewhere = app.signed_in("phone.only").await;
    app.later(60);
    signed_in(page, app, "phone.only").await;
    see(page, "/security/activity").await;
    see(page, "/security/appearance").await;
    see(page, "/security/time-zone").await;
    page.fill("Time zone", "Pacific/Honolulu").await;
    page.click("Save").await;
    page.must_see("Times are shown in the zone you chose").await;
    see(page, "/security/sessions").await;
    page.click("End all others").await;
    page.must_see("Your other sessions have ended").await;
    let mut elsewhere = elsewhere;
    assert_eq!(elsewhere.get_only("/home").await.status, 303, "the other session has ended");
    see(page, "/security/email").await;
    page.fill("New Email Address", "marcus.tran@harborvalley.example").await;
    page.click("Send verification code").await;
    page.must_see("Verify code").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_to("marcus.tran@harborvalley.example").await).await;
    page.click("Verify code").await;
    page.must_be_at("/security").await;
    page.must_see("marcus.tran@harborvalley.example").await;
    see(page, "/security/password").await;
    page.fill("Current Password", &app.password("phone.only")).await;
    page.fill("New Password", "short").await;
    page.fill("Confirm New Password", "short").await;
    page.click("Save").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("Current Password", &app.password("phone.only")).await;
    page.fill("New Password", "a heron over 40 quiet ponds").await;
    page.fill("Confirm New Password", "a heron over 40 quiet ponds").await;
    page.click("Save").await;
    page.must_be_at("/security").await;
    app.later(11 * 60);
    page.go("/security/password").await;
    at(page, "/security/confirm").await;
    page.forget().await;
}

async fn every_duty(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Phone", "member.none").await;
    page.must_be_at("/home").await;
    authenticator(page, app).await;
    phones_and_mail(page, app).await;
    renamed_and_removed(page).await;
    page.forget().await;
    account(page, app).await;
}

/// A hardware token taken out of use, and its activation.
async fn token(page: &Chromium, app: &TestApp) {
    app.mid_step();
    password(page, app, "Login with Phone", "token").await;
    page.must_be_at("/login/verify/authenticator").await;
    page.fill("Verification Code", &app.totp("token", "hardware_token", 0)).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
    page.go("/security").await;
    page.click("Remove").await;
    page.must_see("It stays assigned to you").await;
    page.click("Remove").await;
    page.must_be_at("/security").await;
    page.click("Activate").await;
    page.must_see("Enter the 6 digits that the token shows now.").await;
    page.must_be_fine().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_look_after_their_own_factors() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open(&app.base).await;
    every_duty(&page, &app).await;
    token(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_keyboard_is_enough_for_security() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Keyboard).await;
    every_duty(&page, &app).await;
    page.close().await;
}

/// ASVS 3.7.1, 3.7.5.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_security_needs_no_javascript() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, DESK, Hands::NoScript).await;
    every_duty(&page, &app).await;
    page.close().await;
}
