//! Methods that are not listed. ASVS 4.1.4, 13.4.4.

use std::collections::BTreeMap;

use reqwest::Method;
use vestibule::routes::table;

use crate::support::TestApp;

/// ASVS 4.1.4, 13.4.4.
#[tokio::test]
async fn every_path_answers_405_to_methods_it_does_not_list() {
    let app = TestApp::spawn().await;
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for route in table() {
        paths.entry(route.path).or_default().push(route.method);
    }
    let mut browser = app.browser();
    for (path, listed) in paths {
        let url = path
            .replace("{option}", "phone")
            .replace("{path:.*}", "x/y.css")
            .replace("{id}", "x")
            .replace("{call}", "x");
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"] {
            if listed.contains(&method) {
                continue;
            }
            let asked = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = browser.ask(asked, &url, &[], None).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(!answer.body.contains("User-Agent"), "nothing is echoed");
        }
    }
}

/// A method in a header or a field is not believed.
/// ASVS 4.1.4.
#[tokio::test]
async fn a_method_cannot_be_overridden() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    for headers in [[("X-HTTP-Method-Override", "POST")], [("X-HTTP-Method", "POST")]] {
        assert_eq!(browser.ask(Method::GET, "/sign-out", &headers, None).await.status, 405);
        assert_eq!(browser.ask(Method::GET, "/sign-out?_method=POST", &headers, None).await.status, 405);
    }
    browser.get("/home").await;
    browser.must_be_at("/home");
}

/// HEAD is GET without the body.
#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    for path in ["/login", "/home", "/nowhere", "/healthz"] {
        let get = browser.get_only(path).await;
        let head = browser.ask(Method::HEAD, path, &[], None).await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

/// ASVS 4.1.3: nobody but a configured proxy says where a request comes from.
/// ASVS 15.3.4.
#[tokio::test]
async fn an_address_in_a_header_is_believed_from_a_proxy_only() {
    let app = TestApp::spawn().await;
    let mut direct = app.browser().from("203.0.113.9");
    app.sign_in(&mut direct, crate::support::BY_PHONE, false, "member.none").await;
    direct.get("/security/sessions").await;
    assert!(direct.says("127.0.0.1") && !direct.says("203.0.113.9"));

    let app = TestApp::behind_proxy().await;
    let mut behind = app.browser().from("198.51.100.1, 203.0.113.9");
    app.sign_in(&mut behind, crate::support::BY_PHONE, false, "member.none").await;
    behind.get("/security/sessions").await;
    assert!(behind.says("203.0.113.9") && !behind.says("198.51.100.1"), "the right-most that is no proxy");
    let mut garbled = app.browser().from("nonsense");
    assert_eq!(garbled.get_only("/login").await.status, 403, "unreadable is refused, not skipped");
}
