//! Forged requests: every POST of the table without its token, with a foreign and with an old one.
//! ASVS 3.5.1 to 3.5.3.

use reqwest::Method;
use vestibule::models::audit_entries;
use vestibule::routes::{Guard, Route, table};

use crate::support::{BY_PHONE, Browser, TestApp};

const FORM: [&str; 1] = ["csrf"];

fn posts() -> impl Iterator<Item = &'static Route> {
    // Hooks are signed, and the sandbox's scripts are refused by origin.
    let scripts = [
        "/sandbox/calls/{id}/press",
        "/sandbox/senders",
        "/sandbox/clock",
        "/sandbox/identity/{id}",
        // A client's secret and a code are what it asks for.
        "/sandbox/domain/token",
    ];
    table().filter(move |r| {
        r.method == "POST" && ![Guard::Hook, Guard::Report].contains(&r.guard) && !scripts.contains(&r.path)
    })
}

/// What the database says that a forged request could have changed.
async fn state(app: &TestApp, usernames: &[&str]) -> Vec<usize> {
    let mut state = vec![app.outbox().await.len()];
    for username in usernames {
        let (id, now) = (app.user_id(username), app.app.core.clock.now());
        let entries = app
            .read(move |conn| {
                let actions =
                    ["sign_in", "sign_out", "session_ended", "sign_in_canceled", "browser_forgotten", "password"];
                let entries = audit_entries::list_of_user(conn, &id, &actions, 1_000)?.len();
                Ok([entries, vestibule::models::sessions::list(conn, &id, now)?.len()])
            })
            .await;
        state.extend(entries);
    }
    state
}

async fn forge(browser: &mut Browser, app: &TestApp, route: &Route, token: Option<&str>) -> u16 {
    let path = route.path.replace("{option}", "phone").replace("{id}", &app.user_id("member.none"));
    let mut fields: Vec<(String, String)> = [
        ("option", "phone"),
        ("email", app.email("member.none").as_str()),
        ("password", app.password("member.none").as_str()),
        ("how", "sms"),
        ("code", "123456"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into();
    fields.extend(token.map(|token| (FORM[0].to_owned(), token.to_owned())));
    browser.ask(Method::POST, &path, &[], Some(&fields)).await.status
}

/// Steps that nobody in this test has come to.
fn is_later_step(guard: Guard) -> bool {
    matches!(guard, Guard::FactorDue | Guard::NewPassword | Guard::Registering | Guard::Enrolling | Guard::Terms)
}

/// What a forged form meets: of one that should bring a file, nothing is read at all.
fn refusal(route: &Route) -> u16 {
    if route.path.contains("/import") { 415 } else { 403 }
}

/// ASVS 3.5.1.
#[tokio::test]
async fn no_post_is_taken_without_the_token_of_its_own_session() {
    let app = TestApp::spawn().await;
    let mut stranger = app.browser();
    stranger.get("/login").await;
    let mut half = app.after_password(BY_PHONE, "phone.only").await;
    let mut whole = app.signed_in("member.none").await;
    let mut led = app.after_password(BY_PHONE, "tbrooks").await;
    led.must_be_at("/security/setup");
    let mut boss = app.signed_in("operator").await;
    let mut other = app.signed_in("member.none").await;
    other.get("/home").await;
    let before_sign_in = stranger.token();
    // Its own token from before it signed in.
    let mut old = app.browser();
    old.get("/login").await;
    let old_token = old.token();
    app.sign_in(&mut old, BY_PHONE, false, "aalmasri").await;

    let people = ["phone.only", "member.none", "aalmasri", "tbrooks"];
    let before = state(&app, &people).await;
    let mut seen = 0;
    for route in posts() {
        let browser = match route.guard {
            Guard::Pending => &mut half,
            Guard::SignedIn | Guard::Fresh => &mut whole,
            Guard::SetUp => &mut led,
            guard if guard.is_console() => &mut boss,
            _ => &mut stranger,
        };
        let foreign = other.token();
        for token in [None, Some(""), Some("x"), Some(foreign.as_str())] {
            let status = forge(browser, &app, route, token).await;
            // Whoever is not that far is sent away before the form is read.
            let sent_away = is_later_step(route.guard) && status == 303;
            assert!(status == refusal(route) || sent_away, "POST {} with {token:?}: {status}", route.path);
        }
        if !matches!(route.guard, Guard::Pending | Guard::SetUp) && !is_later_step(route.guard) {
            // A member is refused by the console before the form is read.
            let refused = if route.guard.is_console() { 403 } else { refusal(route) };
            let status = forge(&mut old, &app, route, Some(&old_token)).await;
            assert_eq!(status, refused, "POST {} with the token from before the sign-in", route.path);
            let status = forge(&mut old, &app, route, Some(&before_sign_in)).await;
            assert_eq!(status, refused, "POST {} with a stranger's token", route.path);
        }
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} routes");
    assert_eq!(state(&app, &people).await, before, "nothing was written");
    for browser in [&mut whole, &mut other, &mut old] {
        browser.get("/home").await;
        browser.must_be_at("/home");
    }
}

/// Origin and Sec-Fetch-Site, beside the token.
/// ASVS 3.5.1, 3.5.2, 3.5.8.
#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_right_token() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let form = vec![("csrf".to_owned(), browser.token())];
    let evil: [&[(&str, &str)]; 6] = [
        &[("Origin", "https://evil.example")],
        &[("Origin", "http://127.0.0.1.evil.example")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "null")],
    ];
    for headers in evil {
        let answer = browser.ask(Method::POST, "/sign-out", headers, Some(&form)).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    browser.refresh().await;
    browser.must_be_at("/home");
    // A link from another site may be followed, a script's or a picture's request not.
    let follow = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")];
    assert_eq!(browser.ask(Method::GET, "/home", &follow, None).await.status, 200);
    let fetch = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
    assert_eq!(browser.ask(Method::GET, "/home", &fetch, None).await.status, 403);
    let own = [("Sec-Fetch-Site", "same-origin"), ("Origin", app.base.as_str())];
    assert_eq!(browser.ask(Method::POST, "/sign-out", &own, Some(&form)).await.status, 303);
}

/// GET and HEAD change nothing, not even where a POST of the same address would.
/// ASVS 3.5.3.
#[tokio::test]
async fn get_and_head_change_nothing() {
    let app = TestApp::spawn().await;
    let mut half = app.after_password(BY_PHONE, "owner.two").await;
    let mut whole = app.signed_in("member.none").await;
    let people = ["owner.two", "member.none"];
    let before = state(&app, &people).await;
    for route in table().filter(|r| r.method == "GET" && !r.path.contains('{')) {
        for method in [Method::GET, Method::HEAD] {
            for browser in [&mut half, &mut whole] {
                let answer = browser.ask(method.clone(), route.path, &[], None).await;
                // The console is closed to members, and the API to cookies.
                let refused = (route.guard.is_console() && answer.status == 403)
                    || (route.guard == Guard::Api && answer.status == 401)
                    // The first account holder's page is there for an installation without anybody.
                    || (route.path == "/setup/first-owner" && answer.status == 404)
                    // No domain is configured here.
                    || (route.path.contains("/domain") && matches!(answer.status, 400 | 404));
                assert!(refused || matches!(answer.status, 200 | 303), "{method} {}: {}", route.path, answer.status);
                if method == Method::HEAD {
                    assert!(answer.body.is_empty());
                }
            }
        }
    }
    assert_eq!(state(&app, &people).await, before);
}
