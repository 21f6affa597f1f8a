//! **Multi-Factor Authentication Help**: every branch ends in something that works.

use crate::support::{Browser, TestApp};

const SENT: &str =
    "If that address has an unfinished registration and the password was right, we have sent a fresh link";

/// Addresses that another part of the site builds.
const ELSEWHERE: [&str; 1] = ["/register"];

#[tokio::test]
async fn every_branch_leads_to_a_page_that_is_there() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    browser.click("Having trouble logging in?").await;
    browser.must_be_at("/help/mfa");
    let html = browser.answer.body.clone();
    for branch in ["lost-device", "new-phone", "no-code", "code-refused", "registration", "locked", "asks-again"] {
        let part = html.split(&format!("id=\"{branch}\"")).nth(1).expect(branch);
        let part = part.split("</details>").next().unwrap_or_default();
        let links: Vec<&str> = part.split("href=\"").skip(1).filter_map(|l| l.split('"').next()).collect();
        assert!(!links.is_empty(), "{branch} ends nowhere");
        for link in links.into_iter().filter(|link| !ELSEWHERE.contains(link)) {
            let mut browser = app.browser();
            browser.get(link).await;
            assert_eq!(browser.status(), 200, "{branch}: {link}");
        }
    }
}

async fn ask(browser: &mut Browser, email: &str, password: &str) {
    browser.get("/help/mfa/registration").await;
    browser.fill("Email Address", email).fill("Password", password).click("Send a fresh link").await;
}

#[tokio::test]
async fn who_stopped_in_the_middle_gets_a_link_and_everybody_the_same_answer() {
    let app = TestApp::spawn().await;
    let hasher = &app.app.core.hasher;
    let mut bodies = Vec::new();
    for (email, password) in [
        (app.email("unfinished"), app.password("unfinished")),
        (app.email("unfinished"), "Not-the-password-1".to_owned()),
        (app.email("member.none"), app.password("member.none")),
        (app.email("invited"), "Not-the-password-1".to_owned()),
        ("nobody@nowhere.example".to_owned(), "Not-the-password-1".to_owned()),
    ] {
        let before = hasher.calls();
        let mut browser = app.browser();
        ask(&mut browser, &email, &password).await;
        assert_eq!(hasher.calls() - before, 1, "{email}: exactly one call of argon2");
        browser.must_be_at("/help/mfa/registration").must_say(SENT);
        bodies.push(browser.answer.body.replace(&email, "TYPED"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(app.count_of("unfinished", "registration_reset").await, 1);
    assert_eq!(app.outbox().await.len(), 1);
}

#[tokio::test]
async fn guessing_there_is_held_up_as_at_sign_in() {
    let app = TestApp::spawn().await;
    for email in [app.email("unfinished"), "nobody@nowhere.example".to_owned()] {
        let mut browser = app.browser();
        let mut statuses = Vec::new();
        for _ in 0..6 {
            ask(&mut browser, &email, "Not-the-password-1").await;
            statuses.push(browser.status());
        }
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429], "{email}");
        browser.must_say("Too many tries. You can try again at");
    }
}
