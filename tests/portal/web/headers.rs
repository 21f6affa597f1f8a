//! Security headers on every answer. ASVS 3.4.1 to 3.4.8, 14.3.2.

use reqwest::Method;

use crate::support::browser::Answer;
use crate::support::{BY_PHONE, TestApp};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
                   connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
                   object-src 'none'; require-trusted-types-for 'script'; report-uri /csp-reports; \
                   report-to csp";

#[track_caller]
fn must_be_guarded(answer: &Answer, what: &str) {
    for (name, expected) in [
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("content-security-policy", CSP),
        ("reporting-endpoints", "csp=\"/csp-reports\""),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(expected), "{name} of {what} ({})", answer.status);
    }
    for absent in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(answer.header(absent), None, "{absent} of {what}");
    }
    if !answer.body.is_empty() {
        let content_type = answer.header("content-type").unwrap_or_default();
        assert!(content_type.contains("charset=") || content_type.contains("json"), "{content_type:?} of {what}");
    }
}

/// ASVS 3.4.1, 3.4.3 to 3.4.6, 3.4.8, 3.5.8, 13.4.6, 14.2.2, 14.3.2.
#[tokio::test]
async fn every_kind_of_answer_has_the_headers() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let mut stranger = app.browser();
    stranger.get("/login").await;
    let form = |fields: &[(&str, String)]| -> Vec<(String, String)> {
        fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
    };
    let style = stranger.page().attribute("link[rel=stylesheet]", "href").expect("a style sheet");
    let large = form(&[("csrf", stranger.token()), ("email", "x".repeat(70_000))]);
    let twice = form(&[("email", "a".into()), ("email", "b".into())]);
    for (what, status, answer) in [
        ("a page", 200, browser.get_only("/home").await),
        ("a public page", 200, stranger.get_only("/login").await),
        ("a redirect", 303, stranger.get_only("/home").await),
        ("an unknown path", 404, stranger.get_only("/nowhere").await),
        ("an unknown path, signed in", 404, browser.get_only("/account/x.css").await),
        ("a static file", 200, stranger.get_only(&style).await),
        ("an unknown static file", 404, stranger.get_only("/static/0/none.css").await),
        ("another method", 405, stranger.ask(Method::PUT, "/login", &[], None).await),
        ("a forged form", 403, stranger.ask(Method::POST, "/login/phone", &[], Some(&form(&[]))).await),
        ("a form with a field twice", 400, stranger.ask(Method::POST, "/login/phone", &[], Some(&twice)).await),
        ("a large form", 413, stranger.ask(Method::POST, "/login/phone", &[], Some(&large)).await),
        ("no form", 415, stranger.ask(Method::POST, "/login/phone", &[("Content-Type", "text/plain")], None).await),
        ("a long address", 414, stranger.get_only(&format!("/login?x={}", "x".repeat(9_000))).await),
        ("health", 200, stranger.get_only("/healthz").await),
        ("numbers", 200, stranger.get_only("/metrics").await),
        ("the sandbox", 200, stranger.get_only("/sandbox/people.json").await),
        ("a foreign fetch", 403, stranger.ask(Method::GET, "/login", &[("Sec-Fetch-Site", "cross-site")], None).await),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        must_be_guarded(&answer, what);
        let cached = answer.header("cache-control").unwrap_or_default();
        if what == "a static file" {
            assert_eq!(cached, "public, max-age=31536000, immutable");
        } else {
            assert_eq!(cached, "no-store", "{what}");
        }
    }
}

/// ASVS 16.5.1: plain words and a number to report; nothing from inside.
/// ASVS 16.5.3.
#[tokio::test]
async fn an_error_is_a_page_with_a_number_to_report() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/nowhere").await;
    assert_eq!(browser.status(), 404);
    browser.must_say("Page not found").must_say("If you report this, give the number");
    let id = browser.page().texts("#request-id").remove(0);
    assert_eq!(id.len(), 16);
    browser.get("/nowhere").await;
    assert_ne!(browser.page().texts("#request-id").remove(0), id);
    app.execute("DROP TABLE throttles".to_owned()).await;
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&app.email("member.none"), &app.password("member.none")).await;
    assert_eq!(browser.status(), 500);
    must_be_guarded(&browser.answer, "a fault");
    browser.must_say("Something went wrong");
    assert!(!browser.says("throttles") && !browser.says("database"), "{}", browser.text());
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login", "a fault denies");
}

/// ASVS 3.5.7, 3.6.1: everything comes from here, and no page holds style or script of its own.
/// ASVS 14.2.3.
#[tokio::test]
async fn pages_load_from_this_origin_only() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.one").await;
    for path in ["/home", "/messages", "/security/sessions", "/login", "/help/mfa", "/signed-out", "/sandbox"] {
        browser.get(path).await;
        for (selector, name) in [("script", "src"), ("link", "href"), ("img", "src")] {
            let at = browser.page().attribute(selector, name);
            assert!(at.is_none_or(|at| at.starts_with("/static/")), "{path}: {selector}");
        }
        assert!(!browser.page().has("style, script:not([src]), [style], [onclick], iframe"), "{path}");
    }
}
