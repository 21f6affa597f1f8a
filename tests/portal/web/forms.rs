//! What a form may hold. ASVS 15.3.3, 15.3.7, 5.2.1.

use reqwest::Method;

use crate::support::{BY_PHONE, TestApp};

async fn posted(fields: &[(&str, &str)]) -> u16 {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    browser.post_only("/login/phone", fields).await.status
}

/// ASVS 15.3.7.
#[tokio::test]
async fn a_field_that_comes_twice_is_refused() {
    assert_eq!(posted(&[("email", "a@x.example"), ("email", "b@x.example"), ("password", "p")]).await, 400);
}

/// ASVS 8.2.3, 15.3.3.
#[tokio::test]
async fn a_field_that_is_not_expected_is_refused() {
    let fields = [("email", "a@x.example"), ("password", "p"), ("role", "site_admin")];
    assert_eq!(posted(&fields).await, 400);
}

#[tokio::test]
async fn a_field_that_is_missing_is_refused() {
    assert_eq!(posted(&[("email", "a@x.example")]).await, 400);
}

/// ASVS 5.2.1.
#[tokio::test]
async fn a_form_of_70_kilobytes_is_refused() {
    let long = "x".repeat(70 * 1024);
    assert_eq!(posted(&[("email", "a@x.example"), ("password", &long)]).await, 413);
}

/// PostgreSQL keeps no NUL, and no honest form holds one.
#[tokio::test]
async fn a_field_with_a_nul_is_refused() {
    assert_eq!(posted(&[("email", "a@x.example"), ("password", "nul\0inside-it-all")]).await, 400);
}

/// A long password is wrong, not an error.
/// ASVS 6.2.5.
#[tokio::test]
async fn strange_passwords_are_wrong_passwords() {
    for password in ["x".repeat(5_000).as_str(), "\u{202e}backwards-and-long"] {
        assert_eq!(posted(&[("email", "a@x.example"), ("password", password)]).await, 200);
    }
}

#[tokio::test]
async fn json_is_no_form() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    let headers = [("Content-Type", "application/json")];
    assert_eq!(browser.ask(Method::POST, "/login/phone", &headers, None).await.status, 415);
}
