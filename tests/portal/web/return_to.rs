//! The way back after signing in never leads elsewhere. ASVS 3.7.2.

use crate::support::{BY_PHONE, TestApp};

const ATTACKS: [&str; 24] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "/%5Cevil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTPS:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/home\r\nX: y",
    "/.//evil.example",
    "/a//evil.example",
    "@evil.example",
    "evil.example",
    "/%zz",
    "/login/phone",
    "",
];

/// ASVS 3.7.2.
#[tokio::test]
async fn no_way_back_leads_to_another_site() {
    let app = TestApp::spawn().await;
    for attack in ATTACKS {
        let mut browser = app.browser();
        let query: String = url::form_urlencoded::byte_serialize(attack.as_bytes()).collect();
        browser.get(&format!("/login?return_to={query}")).await;
        assert!(!browser.page().has("input[name=return_to]"), "{attack:?} is kept");
        let answer = browser.post_only("/login", &[("option", "phone"), ("return_to", attack)]).await;
        assert_eq!(answer.location(), Some("/login/phone"), "{attack:?}");
        browser.get(&format!("/login/phone?return_to={query}")).await;
        let (email, password) = (app.email("member.none"), app.password("member.none"));
        let fields = [("email", email.as_str()), ("password", password.as_str()), ("return_to", attack)];
        let answer = browser.post_only("/login/phone", &fields).await;
        assert_eq!(answer.location(), Some("/home"), "{attack:?}");
    }
}

#[tokio::test]
async fn a_path_of_ours_survives_the_whole_way() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/security/sessions").await;
    assert_eq!(browser.path(), "/login?return_to=%2Fsecurity%2Fsessions");
    browser.check("Remember Me", true).click(BY_PHONE).await;
    browser.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    browser.click("Send Code").await;
    let code = app.code_of("phone.only").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/security/sessions");
}

/// Going back to change the box or the option loses nothing.
#[tokio::test]
async fn the_links_back_to_login_options_keep_the_way_on() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for link in ["Login Options", "Change"] {
        browser.get("/security/sessions").await;
        browser.click(BY_PHONE).await;
        browser.must_be_at("/login/phone");
        browser.click(link).await;
        assert_eq!(browser.path(), "/login?return_to=%2Fsecurity%2Fsessions", "{link}");
    }
    browser.click(BY_PHONE).await;
    browser.sign_in_as(&app.email("member.none"), &app.password("member.none")).await;
    browser.must_be_at("/security/sessions");
}
