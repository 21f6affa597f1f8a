//! Cookies. ASVS 3.3.1 to 3.3.4.

use crate::support::{BY_PHONE, Browser, TestApp};

/// Every Set-Cookie of a whole sign-in with Remember Me, and of the sign-out that takes them away.
async fn crawl(app: &TestApp) -> Vec<String> {
    let mut browser = app.browser();
    let mut seen = Vec::new();
    seen.extend(step(&mut browser, "/login", None).await);
    seen.extend(step(&mut browser, "/login", Some(&[("option", "phone"), ("remember", "1")])).await);
    browser.get("/login/phone").await;
    let (email, password) = (app.email("member.none"), app.password("member.none"));
    seen.extend(step(&mut browser, "/login/phone", Some(&[("email", &email), ("password", &password)])).await);
    browser.get("/home").await;
    seen.extend(step(&mut browser, "/forget-browser", Some(&[])).await);
    browser.get("/home").await;
    seen.extend(step(&mut browser, "/sign-out", Some(&[])).await);
    let mut half = app.browser();
    half.choose(BY_PHONE, false).await;
    half.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    seen.extend(step(&mut half, "/login/cancel", Some(&[])).await);
    seen.extend(step(&mut half, "/login", None).await);
    seen
}

async fn step(browser: &mut Browser, path: &str, fields: Option<&[(&str, &str)]>) -> Vec<String> {
    let answer = match fields {
        Some(fields) => browser.post_only(path, fields).await,
        None => browser.get_only(path).await,
    };
    assert!(matches!(answer.status, 200 | 303), "{path}: {}", answer.status);
    let cookies = answer.set_cookies();
    if answer.status == 200 {
        browser.answer = answer;
    }
    cookies
}

fn check(cookies: &[String], secure: bool) {
    let names: Vec<&str> = cookies.iter().map(|c| c.split('=').next().unwrap()).collect();
    for name in ["vestibule", "browser", "remember", "device", "flash"] {
        let name = if secure { format!("__Host-{name}") } else { name.to_owned() };
        assert!(names.contains(&name.as_str()), "{name} is not among {names:?}");
    }
    for cookie in cookies {
        let attributes: Vec<String> = cookie.split("; ").skip(1).map(str::to_lowercase).collect();
        let has = |wanted: &str| attributes.iter().any(|a| a == wanted);
        assert!(has("httponly") && has("samesite=lax") && has("path=/"), "{cookie}");
        assert!(!attributes.iter().any(|a| a.starts_with("domain")), "{cookie}");
        assert_eq!(has("secure"), secure, "{cookie}");
        assert!(cookie.len() < 4096);
        assert_eq!(cookie.starts_with("__Host-"), secure, "{cookie}");
    }
}

/// ASVS 3.3.2, 3.3.4, 3.3.5.
#[tokio::test]
async fn every_cookie_is_http_only_lax_and_for_this_host_alone() {
    let app = TestApp::spawn().await;
    check(&crawl(&app).await, false);
}

/// ASVS 3.3.1 to 3.3.5; NIST 5.1.1.
#[tokio::test]
async fn behind_https_every_cookie_is_secure_and_bound_to_its_host() {
    let app = TestApp::serve_mode(|_| {}).await;
    check(&crawl(&app).await, true);
}

/// A session cookie is for this visit only, Remember Me outlives the browser.
#[tokio::test]
async fn the_session_ends_with_the_browser_and_the_known_device_does_not() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "member.none").await;
    browser.close_and_reopen();
    assert!(browser.cookie("vestibule").is_none());
    assert!(browser.cookie("remember").is_some() && browser.cookie("device").is_some());
}
