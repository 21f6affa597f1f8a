//! Light or dark, as somebody chose for a browser.

use crate::support::TestApp;

#[tokio::test]
async fn a_theme_is_kept_in_the_browser_that_chose_it() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    browser.get("/security").await;
    browser.must_say("As this device is set, in this browser");
    assert!(!browser.page().has("html[data-theme]"));
    browser.click("Change appearance").await;
    browser.check("Dark", true).click("Save").await;
    browser
        .must_be_at("/security")
        .must_say("Pages look in this browser as you chose.")
        .must_say("Dark, in this browser");
    browser.get("/home").await;
    assert!(browser.page().has("html[data-theme=dark]"));
    browser.click("Sign out").await;
    assert!(browser.page().has("html[data-theme=dark]"), "the browser's choice outlives the session");
    assert!(!app.signed_in("phone.only").await.page().has("html[data-theme]"), "another browser has its own");

    let mut again = app.signed_in("phone.only").await;
    again.get("/security/appearance").await;
    again.check("Light", true).click("Save").await;
    assert!(again.page().has("html[data-theme=light]"));
    again.get("/security/appearance").await;
    again.check("As this device is set", true).click("Save").await;
    assert!(!again.page().has("html[data-theme]"));
}

#[tokio::test]
async fn no_other_theme_is_taken() {
    let app = TestApp::spawn().await;
    assert_eq!(app.browser().get_only("/security/appearance").await.status, 303);
    let mut browser = app.signed_in("phone.only").await;
    browser.get("/security/appearance").await;
    let answer = browser.post_only("/security/appearance", &[("theme", "\"><script>")]).await;
    assert_eq!(answer.status, 400);
}
