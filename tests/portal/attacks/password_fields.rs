//! Forms that ask for a password: hidden while it is typed, and open to password managers.

use crate::support::{BY_PHONE, Browser, TestApp};

const KINDS: [&str; 2] = ["current-password", "new-password"];

#[track_caller]
fn fields_are_right(browser: &Browser, names: &[&str]) {
    let page = browser.page();
    for name in names {
        let field = format!("#{name}");
        let attribute = |of: &str| page.attribute(&field, of);
        assert_eq!(attribute("type").as_deref(), Some("password"), "{name}: {}", browser.text());
        let kind = attribute("autocomplete").unwrap_or_default();
        assert!(KINDS.contains(&kind.as_str()), "{name} is {kind:?}");
        for hinders in ["onpaste", "readonly", "maxlength", "value", "pattern"] {
            assert_eq!(attribute(hinders), None, "{hinders} of {name}");
        }
    }
    assert_eq!(page.texts("input[type=password]").len(), names.len(), "no other field is one");
}

/// ASVS 6.2.6, 6.2.7.
#[tokio::test]
async fn fields_for_passwords_are_hidden_and_can_be_filled_in() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    fields_are_right(&browser, &["password"]);
    browser.get("/help/mfa/registration").await;
    fields_are_right(&browser, &["password"]);
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/password").await;
    fields_are_right(&browser, &["current_password", "new_password", "confirm_password"]);
    // Whoever has no factor gives the password again.
    app.later(11 * 60);
    browser.get("/security/password").await;
    assert!(browser.path().starts_with("/security/confirm"), "{}", browser.path());
    fields_are_right(&browser, &["password"]);
}

/// ASVS 6.2.6: and it never comes back.
#[tokio::test]
async fn what_was_typed_there_is_on_no_page() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    let typed = "a canary in a field of its own";
    for path in ["/login/phone", "/help/mfa/registration"] {
        browser.get(path).await;
        browser.post(path, &[("email", "nobody@nowhere.example"), ("password", typed)]).await;
        assert_eq!(browser.status(), 200, "{path}");
        assert!(!browser.answer.body.contains(typed), "{path}");
    }
}
