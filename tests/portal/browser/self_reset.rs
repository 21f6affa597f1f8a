//! Resetting one's own MFA in a browser, on the sandbox's identity provider: the whole road, step by step,
//! and the page of whoever compares the names.

use serde_json::json;

use super::chromium::{Chromium, Hands};
use super::looks::PHONE;
use crate::support::TestApp;

/// The path of the newest link of a kind that somebody was sent.
async fn link(app: &TestApp, username: &str, kind: &str) -> String {
    let newest = app.outbox_of(username).await.into_iter().find(|m| m.kind == kind).expect("a mail");
    let link = newest.link.expect("a link");
    link.strip_prefix(&app.app.core.settings.public_url).expect("a link of ours").to_owned()
}

/// The id of the sandbox's session, from the link on the page that leads there.
async fn session(page: &Chromium) -> String {
    let away = page.attribute("a.btn-primary", "href").await;
    away.rsplit('/').next().expect("an id").to_owned()
}

async fn play(app: &TestApp, id: &str, body: serde_json::Value) {
    assert_eq!(app.script(&format!("/sandbox/identity/{id}"), body).await, 202);
}

/// From **Lost your authenticator?** to the page that names where one goes.
async fn to_the_check(page: &Chromium, app: &TestApp, username: &str) {
    page.go("/login").await;
    page.click("Reset it yourself").await;
    page.must_be_at("/mfa/reset").await;
    page.must_be_fine().await;
    page.click("Continue").await;
    page.must_see("Enter your email address.").await;
    page.must_be_fine().await;
    page.fill("Email Address", &app.email(username)).await;
    page.click("Continue").await;
    page.must_see("we have sent a link to it").await;
    page.must_be_fine().await;
    page.go(&link(app, username, "self_reset_link").await).await;
    page.must_be_at("/mfa/reset/progress").await;
    page.must_be_fine().await;
    page.click("Start identity check").await;
    page.must_be_at("/mfa/reset/identity").await;
    page.must_see("You will leave for").await;
    page.must_be_fine().await;
}

/// The road from the first link to set-up, with what can go wrong on the way.
async fn whole_road(page: &Chromium, app: &TestApp) {
    let username = "phone.only";
    to_the_check(page, app, username).await;
    let id = session(page).await;
    play(app, &id, json!({"outcome": "requires_input", "delay_seconds": 0})).await;
    page.go("/mfa/reset/progress").await;
    page.must_see("The document could not be read").await;
    page.must_be_fine().await;
    page.click("Try the identity check again").await;
    page.must_be_at("/mfa/reset/identity").await;
    page.click("Go to 127.0.0.1").await;
    page.must_see("Play the document of Marcus Tran").await;
    page.must_be_fine().await;
    page.click("Hand it in").await;
    page.must_be_at("/mfa/reset/progress").await;
    page.must_see("Step 4 of 6").await;
    page.must_be_fine().await;

    page.go(&link(app, username, "self_reset_ready").await).await;
    page.must_be_at("/mfa/reset/finish").await;
    page.must_be_fine().await;
    page.fill("Password", "not the password").await;
    page.click("Remove my factors").await;
    page.must_see("The password is not right").await;
    page.must_be_fine().await;
    page.fill("Password", &app.password(username)).await;
    page.click("Remove my factors").await;
    page.must_be_at("/login").await;
    page.must_see("Your factors were removed").await;
    page.must_be_fine().await;
    page.click("Login with Phone").await;
    page.fill("Email Address", &app.email(username)).await;
    page.fill("Password", &app.password(username)).await;
    page.click("Sign in").await;
    page.must_be_at("/security/setup").await;
    page.must_see("You reset your factors").await;
    page.must_be_fine().await;

    page.go(&link(app, username, "self_reset_ready").await).await;
    page.must_see("This reset is finished").await;
    page.must_be_fine().await;
}

/// The page behind **This wasn't me** in the newest mail of a kind.
async fn stop_link(app: &TestApp, username: &str, kind: &str) -> String {
    let mail = app.outbox_of(username).await.into_iter().find(|m| m.kind == kind).expect("a mail");
    let url = mail.text.split_whitespace().find(|word| word.contains("/mfa/reset/stop/")).expect("a link");
    url.strip_prefix(&app.app.core.settings.public_url).expect("a link of ours").to_owned()
}

/// Every page of the road in every look.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_somebody_resets_their_own_factors() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    whole_road(&page, &app).await;
    page.go(&stop_link(&app, "phone.only", "self_reset_done").await).await;
    page.must_see("lock your account now").await;
    page.must_be_fine().await;
    page.click("lock my account").await;
    page.must_see("Your account is locked").await;
    page.must_be_fine().await;
    page.close().await;
}

/// The same by keyboard, and with no script at all.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_somebody_resets_their_own_factors_without_mouse_or_script() {
    for hands in [Hands::Keyboard, Hands::NoScript] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, PHONE, hands).await;
        whole_road(&page, &app).await;
        page.close().await;
    }
}

/// Another name: the page waits, by itself, and a person compares.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_name_that_differs_is_compared_by_a_person() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    to_the_check(&page, &app, "phone.only").await;
    let id = session(&page).await;
    page.go("/sandbox/identity").await;
    page.must_be_fine().await;
    let names = json!({"outcome": "verified", "first_name": "Markus", "last_name": "Trahn", "delay_seconds": 300});
    play(&app, &id, names).await;
    page.go("/mfa/reset/progress").await;
    page.must_see("Your document is being looked at").await;
    page.must_be_fine().await;
    app.later(310);
    page.click("Check again").await;
    page.must_see("Your administrators compare the name").await;
    page.must_be_fine().await;
    let stop = stop_link(&app, "phone.only", "self_reset_link").await;

    page.go("/login").await;
    page.click("Login with Phone").await;
    page.fill("Email Address", &app.email("admin")).await;
    page.fill("Password", &app.password("admin")).await;
    page.click("Sign in").await;
    page.click("Send Code").await;
    page.must_be_at("/login/verify/phone/code").await;
    page.fill("Verification Code", &app.code_of("admin").await).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
    page.go("/admin/reviews").await;
    page.must_be_fine().await;
    page.click("Marcus Tran").await;
    page.must_see("Name on the document").await;
    page.must_be_fine().await;
    page.click("Approve").await;
    page.must_see("Say how you made sure who it is").await;
    page.must_be_fine().await;

    page.go(&stop).await;
    page.must_see("Was this not you?").await;
    page.must_be_fine().await;
    page.click("stop it").await;
    page.must_see("The reset was stopped").await;
    page.must_be_fine().await;
    page.go(&stop).await;
    page.must_see("Nothing to stop").await;
    page.must_be_fine().await;
    page.close().await;
}
