//! Signing in by each method, several organizations, Remember Me, and what is refused on the way.

use thirtyfour::By;
use vestibule::domain::limits::PASSWORD_LONG_DELAY_FROM;

use super::chromium::{Chromium, Hands};
use super::entering::{at, code_by_phone, password, see};
use super::looks::{DESK, PHONE};
use crate::support::BY_PHONE;
use crate::support::app::TestApp;

/// A text message, with a wrong code before the right one; then around the pages everybody has.
async fn by_phone(page: &Chromium, app: &TestApp) {
    see(page, "/login").await;
    page.click("Login with Phone").await;
    at(page, "/login/phone").await;
    page.click("Sign in").await;
    page.must_see("Enter your email address.").await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email("owner.one")).await;
    page.fill("Password", "not the password").await;
    page.click("Sign in").await;
    page.must_see("The email address or password is not right.").await;
    page.must_be_fine().await;
    page.fill("Password", &app.password("owner.one")).await;
    page.click("Sign in").await;
    at(page, "/login/verify/phone").await;
    page.click("Send Code").await;
    at(page, "/login/verify/phone/code").await;
    page.fill("Verification Code", "12345").await;
    page.click("Verify Code").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("Verification Code", &app.code_of("owner.one").await).await;
    page.click("Verify Code").await;
    at(page, "/home").await;
    page.click("Go to Message Center").await;
    at(page, "/messages").await;
    see(page, "/help/mfa").await;
    page.go("/home").await;
    leave(page).await;
    page.must_be_fine().await;
    page.forget().await;
}

/// A call: only # approves, and the page goes on by itself.
async fn by_call(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Email", "phone.only").await;
    page.click("Call Me").await;
    page.must_be_at("/login/verify/call").await;
    page.must_see("Answer and press #").await;
    app.press("phone.only", "hangup").await;
    page.must_see("The call did not verify you").await;
    page.must_be_fine().await;
    app.later(60);
    page.go("/login/verify/call").await;
    page.click("Call Me").await;
    page.must_see("Answer and press #").await;
    page.must_be_fine().await;
    app.press("phone.only", "#").await;
    page.must_be_at("/home").await;
    page.forget().await;
}

/// A code by e-mail: verified, and signed in only after **Continue**.
async fn by_email(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Email", "email.only").await;
    at(page, "/login/verify/email").await;
    page.click("Send verification code").await;
    page.must_see("Verification code has been sent to your inbox.").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_of("email.only").await).await;
    page.click("Verify code").await;
    page.must_see("E-mail address verified.").await;
    page.must_be_fine().await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.forget().await;
}

/// An authenticator, with a code of half an hour ago before the right one; and a hardware token.
async fn by_codes_of_a_device(page: &Chromium, app: &TestApp) {
    app.mid_step();
    password(page, app, "Login with Phone", "app.only").await;
    at(page, "/login/verify/authenticator").await;
    page.fill("Verification Code", &app.totp("app.only", "authenticator", -60)).await;
    page.click("Verify Code").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("Verification Code", &app.totp("app.only", "authenticator", 0)).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
    page.forget().await;
    password(page, app, "Login with Email", "token").await;
    at(page, "/login/verify/authenticator").await;
    page.fill("Verification Code", &app.totp("token", "hardware_token", 0)).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
    page.forget().await;
}

/// **Try another way**, and a recovery code.
async fn by_recovery_code(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Phone", "all.factors").await;
    page.must_be_at("/login/verify/phone").await;
    page.click("Try another way").await;
    at(page, "/login/verify/other").await;
    page.click("Recovery code").await;
    at(page, "/login/verify/recovery-code").await;
    page.fill("Recovery code", "AAAA BBBB").await;
    page.click("Verify code").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.clear("Recovery code").await;
    let codes = app.people.people["all.factors"].recovery_codes.clone();
    page.fill("Recovery code", &codes[0]).await;
    page.click("Verify code").await;
    page.must_be_at("/home").await;
    page.forget().await;
}

/// Two organizations: one is chosen, and changed later.
async fn by_organization(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Phone", "two.orgs").await;
    at(page, "/login/organization").await;
    page.click("Harbor Valley Health").await;
    page.must_be_at("/home").await;
    page.go("/login/organization").await;
    page.must_see("you are here").await;
    page.must_be_fine().await;
    page.forget().await;
}

/// **Remember Me**: two people under one option, each of them one click away; and forgotten again.
async fn remembered(page: &Chromium, app: &TestApp) {
    page.go("/login").await;
    page.check("Remember Me").await;
    page.click("Login with Phone").await;
    page.fill("Email Address", &app.email("owner.two")).await;
    page.fill("Password", &app.password("owner.two")).await;
    page.click("Sign in").await;
    code_by_phone(page, app, "owner.two").await;
    page.must_be_at("/home").await;
    leave(page).await;
    page.go("/login/phone?somebody=else&remember=1").await;
    page.fill("Email Address", &app.email("phone.only")).await;
    page.fill("Password", &app.password("phone.only")).await;
    page.click("Sign in").await;
    code_by_phone(page, app, "phone.only").await;
    page.must_be_at("/home").await;
    leave(page).await;
    page.go("/login").await;
    page.must_see("Sign in as somebody else").await;
    page.must_be_fine().await;
    page.click("Login with Phone").await;
    page.must_see("Choose who signs in").await;
    page.must_be_fine().await;
    page.click("Margaret").await;
    page.must_be_at("/home").await;
    leave(page).await;
    page.must_be_fine().await;
    page.click("Forget this browser").await;
    page.go("/login").await;
    page.click("Login with Phone").await;
    page.must_see("Sign in with your email address").await;
    page.forget().await;
}

/// Signs out by the menu that is there at this width.
async fn leave(page: &Chromium) {
    let menu = if page.look == PHONE { "details.menu-phone > summary" } else { "details.profile > summary" };
    page.click_on(By::Css(menu)).await;
    page.click("Sign out").await;
    page.must_be_at("/signed-out").await;
}

async fn every_way(page: &Chromium, app: &TestApp) {
    by_phone(page, app).await;
    by_call(page, app).await;
    by_email(page, app).await;
    by_codes_of_a_device(page, app).await;
    by_recovery_code(page, app).await;
    by_organization(page, app).await;
    remembered(page, app).await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_sign_in_by_each_method() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open(&app.base).await;
    every_way(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_keyboard_is_enough_to_sign_in() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Keyboard).await;
    every_way(&page, &app).await;
    page.close().await;
}

/// ASVS 3.7.1, 3.7.5.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_signing_in_needs_no_javascript() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, DESK, Hands::NoScript).await;
    every_way(&page, &app).await;
    page.close().await;
}

/// Too many tries, a page that is not there, one that is somebody else's; and the sandbox beside it all.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_refusals_and_the_sandbox_are_readable() {
    let app = TestApp::spawn().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Mouse).await;
    page.will_complain("status of 403");
    page.will_complain("status of 404");
    page.will_complain("status of 429");
    // In a slow browser the short delays would pass by themselves: the long one is reached beside it.
    let (mut guesser, nobody) = (app.browser(), "nobody@harborvalley.example");
    for _ in 0..PASSWORD_LONG_DELAY_FROM {
        app.later(61);
        guesser.choose(BY_PHONE, false).await;
        guesser.sign_in_as(nobody, "a guess").await;
    }
    page.go("/login/phone").await;
    page.fill("Email Address", nobody).await;
    page.fill("Password", "a guess").await;
    page.click("Sign in").await;
    page.must_see("Too many tries.").await;
    page.must_be_fine().await;
    password(&page, &app, "Login with Phone", "member.none").await;
    page.must_be_at("/home").await;
    page.must_be_fine().await;
    see(&page, "/admin").await;
    see(&page, "/messages/none").await;
    see(&page, "/sandbox").await;
    see(&page, "/sandbox/people").await;
    see(&page, "/sandbox/controls").await;
    page.close().await;
}
