//! No code is judged within a second of a wrong one.

use std::time::{Duration, Instant};

use crate::support::{BY_PHONE, Browser, TestApp};

const PATH: &str = "/login/verify/authenticator";
const WHICH: &str = "authenticator";
/// What the program's clock and this one may differ in.
const SLACK: Duration = Duration::from_millis(50);

async fn after_password(app: &TestApp, address: &str) -> Browser {
    let mut browser = app.browser().from(address);
    app.password_in(&mut browser, BY_PHONE, false, "app.only").await;
    browser.get(PATH).await;
    browser
}

/// Whoever mistypes and is quick waits, and is signed in all the same.
/// ASVS 2.4.2.
#[tokio::test]
async fn a_right_code_at_once_after_a_wrong_one_takes_its_second() {
    let app = TestApp::behind_proxy().await;
    app.mid_step();
    let mut browser = after_password(&app, "203.0.113.9").await;
    let begun = Instant::now();
    browser.post(PATH, &[("code", &app.wrong_totp("app.only", WHICH))]).await;
    browser.must_say("That code does not match.");
    browser.post(PATH, &[("code", &app.totp("app.only", WHICH, 0))]).await;
    browser.must_be_at("/home");
    assert!(begun.elapsed() + SLACK >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// From one browser or from several: tries side by side are judged one a second.
/// ASVS 2.4.2, 15.4.2.
#[tokio::test]
async fn wrong_codes_side_by_side_are_judged_a_second_apart() {
    let app = TestApp::behind_proxy().await;
    let browsers = [after_password(&app, "203.0.113.9").await, after_password(&app, "198.51.100.1").await];
    let wrong = app.wrong_totp("app.only", WHICH);
    let begun = Instant::now();
    let posts = browsers.iter().flat_map(|browser| [browser.clone(), browser.clone()]).map(|mut browser| {
        let wrong = wrong.clone();
        async move { browser.post_only(PATH, &[("code", &wrong)]).await.status }
    });
    let statuses = futures_util::future::join_all(posts).await;
    assert_eq!(statuses, [200; 4]);
    assert!(begun.elapsed() + SLACK >= Duration::from_secs(3), "{:?}", begun.elapsed());
    let at = app.audited_at("app.only", "second_step", "failure").await;
    assert_eq!(at.len(), 4);
    for pair in at.windows(2) {
        assert!(pair[1] - pair[0] >= time::Duration::SECOND, "{at:?}");
    }
}
