//! A provider that is down: asked once for all who wait, and not again by each visit. ASVS 13.1.3.

use futures_util::future::join_all;

use super::provider::SILENT;
use crate::support::oidc::{Behavior, OidcServer};
use crate::support::{BY_PHONE, TestApp};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Presses **LOGIN** in so many browsers at once; what each of them reads.
async fn pressed_by(app: &TestApp, many: usize) -> Vec<String> {
    let visits = (0..many).map(|_| async {
        let mut browser = app.browser();
        browser.get("/login").await;
        browser.click("Login").await;
        browser.text()
    });
    join_all(visits).await
}

#[tokio::test]
async fn one_that_fails_is_asked_once_in_five_seconds() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.behave(Behavior::Fail);
    let told = pressed_by(&app, 10).await;
    assert!(told.iter().all(|text| text.contains(SILENT)), "{told:?}");
    assert_eq!(provider.calls(DISCOVERY), 1);
    // It mends: the next one finds out, five seconds later.
    provider.mend();
    app.later(6);
    let told = pressed_by(&app, 10).await;
    assert!(told.iter().all(|text| text.contains("You will leave for")), "{told:?}");
    assert_eq!(provider.calls(DISCOVERY), 2);
}

/// More than may wait: they share one call, and passwords work meanwhile.
#[tokio::test]
async fn one_that_hangs_is_waited_for_by_one_call() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    provider.behave(Behavior::Hang);
    let beside = async {
        let mut browser = app.browser();
        app.sign_in(&mut browser, BY_PHONE, false, "phone.only").await;
        browser.path().to_owned()
    };
    let (told, path) = tokio::join!(pressed_by(&app, 70), beside);
    assert_eq!(path, "/home");
    assert!(told.iter().all(|text| text.contains(SILENT)), "{told:?}");
    // Once, or again for those whom a slow machine let in after the first five seconds.
    assert!(provider.calls(DISCOVERY) <= 2, "{} calls", provider.calls(DISCOVERY));
}
