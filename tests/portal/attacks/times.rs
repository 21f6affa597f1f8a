//! The time of a code is the server's.

use crate::support::{BY_PHONE, TestApp};

/// ASVS 6.5.8: a client that names a time, in the form, the address or a header, moves nothing.
#[tokio::test]
async fn nobody_brings_a_time_of_their_own() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    let old = app.totp("app.only", "authenticator", -20);
    let then = (vestibule::clock::unix(app.app.core.clock.now()) - 600).to_string();
    for name in ["timestamp", "time", "at", "now", "offset"] {
        let answer = browser.post_only("/login/verify/authenticator", &[("code", &old), (name, &then)]).await;
        assert_eq!(answer.status, 400, "{name} is no field");
    }
    let form = [("csrf".to_owned(), browser.token()), ("code".to_owned(), old)];
    let headers = [("Date", "Thu, 01 Jan 2026 00:00:00 GMT"), ("X-Timestamp", then.as_str())];
    let path = format!("/login/verify/authenticator?time={then}");
    let answer = browser.ask(reqwest::Method::POST, &path, &headers, Some(&form)).await;
    assert_ne!(answer.status, 303, "the code of ten minutes ago");
    assert_eq!(app.audited("app.only", "sign_in", "success").await, 0);
    let right = app.totp("app.only", "authenticator", 0);
    browser.post("/login/verify/authenticator", &[("code", &right)]).await;
    browser.must_be_at("/home");
}
