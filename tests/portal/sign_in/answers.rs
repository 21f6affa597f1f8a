//! The first step says the same to everybody, takes the same work, and slows down the same way.

use crate::support::{BY_PHONE, Browser, TestApp};

const WRONG: &str = "The email address or password is not right. Check both and try again.";

/// The answer without what differs by nature: the token and what was typed.
async fn answer(app: &TestApp, email: &str, password: &str) -> (u16, String, Vec<String>) {
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    let token = browser.token();
    browser.sign_in_as(email, password).await;
    let body = browser.answer.body.replace(&token, "TOKEN").replace(email, "TYPED");
    let names = browser.answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
    (browser.status(), body, names)
}

/// SPEC section 2: one text, status and work for everybody who does not get in. ASVS 6.3.8.
#[tokio::test]
async fn nobody_learns_why_a_password_was_refused() {
    let app = TestApp::spawn().await;
    let hasher = &app.app.core.hasher;
    let wrong = "Not-the-password-1";
    let mut seen = Vec::new();
    for (who, email, password) in [
        ("unknown", "nobody@nowhere.example".to_owned(), wrong.to_owned()),
        ("wrong password", app.email("phone.only"), wrong.to_owned()),
        ("wrong password, nothing enrolled", app.email("member.none"), wrong.to_owned()),
        ("locked", app.email("locked"), app.password("locked")),
        ("disabled", app.email("disabled"), app.password("disabled")),
        ("invited", app.email("invited"), wrong.to_owned()),
        ("password of somebody else", app.email("app.only"), app.password("phone.only")),
    ] {
        let before = hasher.calls();
        let answer = answer(&app, &email, &password).await;
        assert_eq!(hasher.calls() - before, 1, "{who}: exactly one call of argon2");
        assert_eq!(answer.0, 200, "{who}");
        assert!(answer.1.contains(WRONG), "{who}: {}", answer.1);
        seen.push((who, answer));
    }
    let (_, first) = &seen[0];
    for (who, answer) in &seen[1..] {
        assert_eq!(answer, first, "{who} answers otherwise than an unknown address");
    }
}

/// SPEC section 2: the sixth miss, whether the address exists or not. ASVS 6.3.1.
#[tokio::test]
async fn the_sixth_miss_is_answered_with_429_for_known_and_unknown_alike() {
    let app = TestApp::spawn().await;
    let mut bodies = Vec::new();
    for email in [app.email("phone.only"), "nobody@nowhere.example".to_owned(), app.email("locked")] {
        let mut statuses = Vec::new();
        let mut browser = app.browser();
        browser.choose(BY_PHONE, false).await;
        for _ in 0..6 {
            browser.sign_in_as(&email, "Not-the-password-1").await;
            statuses.push(browser.status());
        }
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429], "{email}");
        let after: i64 = browser.answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!((1..=3).contains(&after), "{after} s");
        browser.must_say("Too many tries. You can try again at");
        assert!(browser.title().starts_with("Error: "), "{}", browser.title());
        assert!(browser.page().has("#errors.error-summary[tabindex='-1']"), "takes the focus");
        bodies.push(browser.text().split("try again at").next().unwrap_or_default().to_owned());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

/// SECURITY section 2: delays grow and end, and the right password then gets in.
#[tokio::test]
async fn whoever_waits_after_a_refusal_gets_in() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    let (email, password) = (app.email("member.none"), app.password("member.none"));
    for _ in 0..6 {
        browser.sign_in_as(&email, "Not-the-password-1").await;
    }
    let calls = app.app.core.hasher.calls();
    browser.sign_in_as(&email, &password).await;
    assert_eq!((browser.status(), app.app.core.hasher.calls()), (429, calls), "not even looked at");
    app.later(70);
    browser.sign_in_as(&email, &password).await;
    browser.must_be_at("/home");
    assert_eq!(app.count_of("member.none", "sign_in_after_failures").await, 1, "the owner is told, once");
}

/// ASVS 6.3.1: 200 bad passwords from 40 addresses shut nobody out.
#[tokio::test]
async fn the_owner_of_a_known_browser_gets_in_while_others_guess() {
    let app = TestApp::behind_proxy().await;
    let (email, password) = (app.email("member.none"), app.password("member.none"));
    let mut known = app.browser().from("198.51.100.7");
    app.sign_in(&mut known, BY_PHONE, false, "member.none").await;
    known.click("Sign out").await;

    let before = app.app.core.hasher.calls();
    let guesser = |network: u8| {
        let mut browser = app.browser().from(&format!("203.0.{network}.9"));
        let email = email.clone();
        async move {
            browser.choose(BY_PHONE, false).await;
            for _ in 0..5 {
                browser.sign_in_as(&email, "Not-the-password-1").await;
            }
        }
    };
    futures_util::future::join_all((0..40).map(guesser)).await;
    let judged = app.app.core.hasher.calls() - before;
    assert!((25..=32).contains(&judged), "{judged} of 200 were judged");

    let mut stranger = app.browser().from("198.51.100.8");
    stranger.choose(BY_PHONE, false).await;
    stranger.sign_in_as(&email, &password).await;
    assert_eq!(stranger.status(), 429, "from a browser nobody knows it has to wait");

    known.choose(BY_PHONE, false).await;
    known.sign_in_as(&email, &password).await;
    known.must_be_at("/home");

    app.later(15 * 60);
    stranger.sign_in_as(&email, &password).await;
    stranger.must_be_at("/home");
}

/// SECURITY section 2: 20 failed sign-ins per address and minute, over all accounts.
/// ASVS 2.4.1, 6.3.1.
#[tokio::test]
async fn one_address_fails_twenty_times_a_minute_and_no_more() {
    let app = TestApp::behind_proxy().await;
    let mut browser = app.browser().from("203.0.113.9");
    let mut statuses = Vec::new();
    browser.choose(BY_PHONE, false).await;
    for n in 0..21 {
        browser.sign_in_as(&format!("nobody{n}@nowhere.example"), "Not-the-password-1").await;
        statuses.push(browser.status());
    }
    assert_eq!((&statuses[..20], statuses[20]), (&[200; 20][..], 429));
    // Good sign-ins count for nothing: a whole practice may sit behind one address.
    let mut practice = app.browser().from("203.0.113.10");
    for _ in 0..25 {
        good(&app, &mut practice).await;
    }
}

/// The same limits for the /56 that one IPv6 customer has, however many addresses are in it.
#[tokio::test]
async fn the_addresses_of_one_ipv6_customer_count_together() {
    let app = TestApp::behind_proxy().await;
    let mut statuses = Vec::new();
    for n in 0..21 {
        let mut browser = app.browser().from(&format!("2001:db8:1:2{n:02x}::9"));
        browser.choose(BY_PHONE, false).await;
        browser.sign_in_as(&format!("nobody{n}@nowhere.example"), "Not-the-password-1").await;
        statuses.push(browser.status());
    }
    assert_eq!((&statuses[..20], statuses[20]), (&[200; 20][..], 429));
    let mut neighbor = app.browser().from("2001:db8:1:300::9");
    neighbor.choose(BY_PHONE, false).await;
    neighbor.sign_in_as("nobody@nowhere.example", "Not-the-password-1").await;
    assert_eq!(neighbor.status(), 200);
}

/// ASVS 6.3.1: right passwords that arrive together don't count against each other.
#[tokio::test]
async fn many_right_passwords_at_once_delay_nobody() {
    let app = TestApp::behind_proxy().await;
    let (email, password) = (app.email("member.none"), app.password("member.none"));
    let sign_in = |_| {
        let mut browser = app.browser().from("203.0.113.9");
        let (email, password) = (email.clone(), password.clone());
        async move {
            browser.choose(BY_PHONE, false).await;
            browser.post_only("/login/phone", &[("email", &email), ("password", &password)]).await.status
        }
    };
    let statuses = futures_util::future::join_all((0..20).map(sign_in)).await;
    // Too many at a time wait a second; none is told that there were too many tries.
    assert!(statuses.iter().all(|status| [303, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&303));
    assert_eq!(app.audited("member.none", "password", "failure").await, 0);
    good(&app, &mut app.browser().from("203.0.113.9")).await;
}

async fn good(app: &TestApp, browser: &mut Browser) {
    app.sign_in(browser, BY_PHONE, false, "member.none").await;
}

/// SPEC section 2: what is missing is said beside its field, and the address is kept.
#[tokio::test]
async fn an_empty_form_comes_back_with_the_address_and_without_the_password() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as("", "").await;
    browser.must_say("Enter your email address.").must_say("Enter your password.");
    assert!(browser.title().starts_with("Error: "), "{}", browser.title());
    browser.sign_in_as("Somebody@Nowhere.example", "Not-the-password-1").await;
    assert_eq!(browser.page().value("Email Address").as_deref(), Some("Somebody@Nowhere.example"));
    assert_eq!(browser.page().value("Password").as_deref(), Some(""));
}

/// SPEC section 1: the sign-in name is compared without regard to case and surrounding space.
#[tokio::test]
async fn case_and_space_around_the_address_do_not_matter() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    let email = format!("  {} ", app.email("member.none").to_uppercase());
    browser.sign_in_as(&email, &app.password("member.none")).await;
    browser.must_be_at("/home");
}
