//! The road from **register here** to home, a forgotten password, help and terms, in a real browser: in
//! every look, by keyboard alone, and without JavaScript.

use super::chromium::{Chromium, Hands};
use super::entering::at;
use super::looks::PHONE;
use crate::registration::{HARBOR, PASSWORD};
use crate::support::app::TestApp;

const NEW: &str = "another road with 7 lanterns";

/// From **Login Options** to the verified address and the chosen password.
async fn to_create(page: &Chromium, app: &TestApp, username: &str, method: &str) {
    let (organization, code) = app.organization(HARBOR).await;
    let email = format!("{username}@harborvalley.example");
    page.go("/login").await;
    page.click("register here").await;
    page.must_be_at("/register").await;
    page.must_be_fine().await;
    page.click("Next").await;
    page.must_be_fine().await;
    page.fill("NPI", &organization.npi.expect("an NPI")).await;
    page.fill("Provider Registration Code", &code).await;
    page.click("Next").await;
    page.must_be_at("/register/details").await;
    page.must_be_fine().await;
    page.click("Next").await;
    page.must_be_fine().await;
    for (label, text) in [
        ("Username", username),
        ("First Name", "Ada"),
        ("Last Name", "Núñez"),
        ("Email", &email),
        ("Confirm Email", &email),
        ("Fax", "601-555-0199"),
    ] {
        page.fill(label, text).await;
    }
    page.click("Next").await;
    page.must_be_at("/register/sent").await;
    page.must_be_fine().await;
    page.go(&app.link_to(&email).await).await;
    page.must_be_at("/register/method").await;
    page.must_be_fine().await;
    page.click(method).await;
    page.must_be_at("/register/email").await;
    page.must_be_fine().await;
    page.click("Send verification code").await;
    page.must_see("Verify code").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_to(&email).await).await;
    page.click("Verify code").await;
    page.must_see("The code has been verified. You can now continue.").await;
    page.must_be_fine().await;
    page.fill("New Password", PASSWORD).await;
    page.fill("Confirm New Password", PASSWORD).await;
    page.click("Create").await;
}

async fn phone(page: &Chromium, app: &TestApp) {
    page.must_be_at("/register/phone").await;
    page.must_be_fine().await;
    page.fill("Phone Number", "601-555-0123 x12").await;
    page.click("Send Code").await;
    page.must_see("Extensions are not supported.").await;
    page.must_be_fine().await;
    page.clear("Phone Number").await;
    page.fill("Phone Number", "601-555-0123").await;
    page.click("Send Code").await;
    page.must_be_at("/register/phone/code").await;
    page.must_be_fine().await;
    page.fill("Verification Code", &app.code_to("+16015550123").await).await;
    page.click("Verify Code").await;
}

async fn authenticator(page: &Chromium) {
    page.must_be_at("/register/authenticator").await;
    page.must_be_fine().await;
    let link = page.attribute("a[href^='otpauth:']", "href").await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let code = totp_rs::Totp::from_url(&link).expect("a key URI").generate(now).to_string();
    page.fill("One-time code", &code).await;
    page.fill("Device name", "Ada's phone").await;
    page.click("Save").await;
    page.must_see("I have saved these codes").await;
    page.must_be_fine().await;
    page.check("I have saved these codes").await;
    page.click("Continue").await;
}

async fn terms(page: &Chromium) {
    page.must_be_at("/terms").await;
    page.must_be_fine().await;
    page.check("I have read and agree to these terms of use.").await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.must_be_fine().await;
}

/// The three ways, one person each.
async fn all_ways(page: &Chromium, app: &TestApp) {
    to_create(page, app, "by.phone", "Phone").await;
    phone(page, app).await;
    terms(page).await;
    page.forget().await;
    to_create(page, app, "by.email", "Email").await;
    terms(page).await;
    page.forget().await;
    to_create(page, app, "by.app", "Authenticator app").await;
    authenticator(page).await;
    terms(page).await;
    page.forget().await;
}

/// Somebody with a phone: mailbox, phone, new password, home.
async fn forgotten(page: &Chromium, app: &TestApp) {
    page.go("/forgot-password").await;
    page.must_be_fine().await;
    page.click("Send verification code").await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email("phone.only")).await;
    page.click("Send verification code").await;
    page.must_be_at("/forgot-password/code").await;
    page.must_be_fine().await;
    page.fill("Verification code", &app.code_to(&app.email("phone.only")).await).await;
    page.click("Verify code").await;
    page.must_see("E-mail address verified. You can now continue.").await;
    page.must_be_fine().await;
    page.click("Continue").await;
    page.must_be_at("/login/verify/phone").await;
    page.must_be_fine().await;
    page.click("Send Code").await;
    page.must_be_at("/login/verify/phone/code").await;
    page.must_be_fine().await;
    page.fill("Verification Code", &app.code_to("+16015559885").await).await;
    page.click("Verify Code").await;
    page.must_be_at("/forgot-password/new-password").await;
    page.must_be_fine().await;
    page.fill("New Password", "short").await;
    page.fill("Confirm New Password", "short").await;
    page.click("Continue").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("New Password", NEW).await;
    page.fill("Confirm New Password", NEW).await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.must_be_fine().await;
    page.forget().await;
}

/// Help with every answer open, and the pages it leads to.
async fn help(page: &Chromium, app: &TestApp) {
    page.go("/register/error").await;
    page.must_be_fine().await;
    page.click("Reset").await;
    page.must_be_at("/register/reset").await;
    page.must_be_fine().await;
    page.fill("Username", "unfinished").await;
    page.click("Submit").await;
    page.must_be_at("/register/reset/sent").await;
    page.must_be_fine().await;
    page.go("/register/continue/unknown").await;
    page.must_be_fine().await;
    page.click("Get a new link").await;
    page.must_see("Check your e-mail").await;
    page.must_be_fine().await;
    page.click("Multi-Factor Authentication Help").await;
    page.must_be_at("/help/mfa").await;
    page.must_be_fine().await;
    for question in ["I lost my device", "I have a new phone", "No code arrives", "My code is refused", "My account is"]
    {
        page.click(question).await;
    }
    page.click("My registration is not finished").await;
    page.must_be_fine().await;
    page.click("I have a password").await;
    page.must_be_at("/help/mfa/registration").await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email("unfinished")).await;
    page.fill("Password", &app.password("unfinished")).await;
    page.click("Send").await;
    page.must_see("we have sent a fresh link to it").await;
    page.must_be_fine().await;
    page.go(&app.link_to(&app.email("unfinished")).await).await;
    page.must_be_at("/register/method").await;
    page.click("Email").await;
    at(page, "/register/password").await;
    page.fill("Password", &app.password("unfinished")).await;
    page.click("Continue").await;
    page.must_be_at("/terms").await;
    page.forget().await;
    page.go("/register/complete").await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email("invited")).await;
    page.click("Submit").await;
    page.must_see("we have sent a link to it").await;
    page.must_be_fine().await;
}

/// G1 to G10 as people see them, in every look.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_register_in_every_look() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open(&app.base).await;
    all_ways(&page, &app).await;
    page.close().await;
}

/// A call in place of a message, another way after all, and a username that is taken.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_registering_has_rare_turns() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Mouse).await;
    to_create(&page, &app, "by.call", "Phone").await;
    page.must_be_at("/register/phone").await;
    page.must_be_fine().await;
    page.fill("Phone Number", "601-555-0123").await;
    page.click("Call Me").await;
    at(&page, "/register/phone/call").await;
    page.forget().await;
    to_create(&page, &app, "ykim", "Email").await;
    page.must_be_at("/register/sent").await;
    let typed = "ykim@harborvalley.example";
    let begun = std::time::Instant::now();
    while app.mails_to(typed).await[0].kind != "registration_username_taken" {
        assert!(begun.elapsed().as_secs() < 30, "nobody is told that the username is taken");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    page.go(&app.link_to(typed).await).await;
    at(&page, "/register/username").await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_people_who_forgot_or_stopped_are_helped_in_every_look() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open(&app.base).await;
    forgotten(&page, &app).await;
    help(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_keyboard_is_enough_to_register_and_to_choose_a_new_password() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Keyboard).await;
    all_ways(&page, &app).await;
    forgotten(&page, &app).await;
    help(&page, &app).await;
    page.close().await;
}

/// ASVS 3.7.1, 3.7.5.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_nothing_of_it_needs_javascript() {
    let app = TestApp::spawn().await.with_long_codes().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::NoScript).await;
    all_ways(&page, &app).await;
    forgotten(&page, &app).await;
    help(&page, &app).await;
    page.close().await;
}
