//! Methods that are not listed. ASVS 4.1.4, 13.4.4.

use std::collections::BTreeMap;

use reqwest::Method;
use vestibule::routes::{Guard, form_at, table};

use crate::support::{BY_EMAIL, TestApp};

/// ASVS 4.1.4, 13.4.4.
#[tokio::test]
async fn every_path_answers_405_to_methods_it_does_not_list() {
    let app = TestApp::spawn().await;
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for route in table() {
        let listed = paths.entry(route.path).or_default();
        listed.push(route.method);
        if form_at(route.path).is_some() {
            listed.push("GET");
        }
    }
    let mut browser = app.browser();
    for (path, listed) in paths {
        let url = named(path);
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

/// A path as somebody may ask for it.
fn named(path: &str) -> String {
    path.replace("{option}", "phone")
        .replace("{path:.*}", "x/y.css")
        .replace("{id}", "x")
        .replace("{call}", "x")
        .replace("{token}", "t%2F")
}

/// What a program posts to, and no page does.
const NO_FORMS: &[&str] = &["/sandbox/domain/token", "/sandbox/calls/{id}/press", "/sandbox/senders", "/sandbox/clock"];

/// A refused form leaves its address in the browser: opened again, it leads to the page with the form.
#[tokio::test]
async fn the_address_of_a_form_leads_to_the_page_it_stands_on() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    let is_open = |path: &str| table().any(|route| route.method == "GET" && route.path == path);
    let machines = [Guard::Api, Guard::Hook, Guard::Report, Guard::Operations];
    for route in table().filter(|route| !machines.contains(&route.guard) && !NO_FORMS.contains(&route.path)) {
        if is_open(route.path) {
            assert_eq!(form_at(route.path), None, "{} is a page itself", route.path);
            continue;
        }
        let page = form_at(route.path).unwrap_or_else(|| panic!("{} comes from no page", route.path));
        assert!(is_open(page), "{page} cannot be opened");
        let answer = browser.get_only(&named(route.path)).await;
        assert_eq!((answer.status, answer.location()), (303, Some(named(page).as_str())), "{}", route.path);
        assert_eq!(browser.ask(Method::HEAD, &named(route.path), &[], None).await.status, 405, "{}", route.path);
    }
    for path in NO_FORMS {
        assert!(table().any(|route| route.path == *path) && form_at(path).is_none(), "{path}");
    }
}

#[tokio::test]
async fn a_refused_code_can_be_opened_again() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    browser.fill("Verification code", "1").click("Verify code").await;
    browser.must_be_at("/login/verify/email/code").must_say("There is a problem");
    browser.refresh().await;
    browser.must_be_at("/login/verify/email").must_say("Verification code has been sent to your inbox.");
    let refused = browser.ask(Method::PUT, "/login/verify/email/code", &[], None).await;
    assert!(refused.body.contains("Nothing to open here") && !refused.body.contains("Method"));
}

/// A method in a header or a field is not believed.
/// ASVS 4.1.4.
#[tokio::test]
async fn a_method_cannot_be_overridden() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    for headers in [[("X-HTTP-Method-Override", "POST")], [("X-HTTP-Method", "POST")]] {
        assert_eq!(browser.ask(Method::GET, "/sign-out", &headers, None).await.location(), Some("/"));
        let asked = browser.ask(Method::GET, "/sign-out?_method=POST", &headers, None).await;
        assert_eq!(asked.location(), Some("/"));
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
