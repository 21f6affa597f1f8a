//! Signing in as people do, on the way to the page that a walk is about.

use super::chromium::Chromium;
use crate::support::app::TestApp;

/// Up to where the password was right.
pub async fn password(page: &Chromium, app: &TestApp, option: &str, username: &str) {
    page.go("/login").await;
    page.click(option).await;
    page.fill("Email Address", &app.email(username)).await;
    page.fill("Password", &app.password(username)).await;
    page.click("Sign in").await;
}

/// **Send Code**, and the code that arrived.
pub async fn code_by_phone(page: &Chromium, app: &TestApp, username: &str) {
    page.must_be_at("/login/verify/phone").await;
    page.click("Send Code").await;
    page.must_be_at("/login/verify/phone/code").await;
    page.fill("Verification Code", &app.code_of(username).await).await;
    page.click("Verify Code").await;
}

/// Somebody with a phone, all the way.
pub async fn signed_in(page: &Chromium, app: &TestApp, username: &str) {
    password(page, app, "Login with Phone", username).await;
    code_by_phone(page, app, username).await;
    page.must_be_at("/home").await;
}

/// Stands at a page and looks at it in every look.
pub async fn at(page: &Chromium, path: &str) {
    page.must_be_at(path).await;
    page.must_be_fine().await;
}

/// Goes to a page and looks at it in every look.
pub async fn see(page: &Chromium, path: &str) {
    page.go(path).await;
    at(page, path.split('?').next().unwrap_or_default()).await;
}

impl TestApp {
    /// Codes by e-mail live long enough for a page to be looked at from every side.
    pub async fn with_long_codes(self) -> Self {
        self.sql("UPDATE organizations SET email_code_seconds = 600".into()).await;
        self
    }
}
