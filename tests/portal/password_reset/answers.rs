//! Known or not shows nowhere: pages, headers, time, mails. ASVS 6.3.8.

use std::time::{Duration, Instant};

use crate::support::TestApp;

const UNKNOWN: &str = "nobody@nowhere.example";

/// The two pages of the way, without what differs by nature.
async fn answers(app: &TestApp, email: &str) -> Vec<(u16, String, Vec<String>)> {
    let mut browser = app.browser();
    let mut seen = Vec::new();
    browser.get("/forgot-password").await;
    let token = browser.token();
    browser.fill("Email Address", email).click("Send verification code").await;
    for code in ["000000", "1", "999999"] {
        let body = browser.answer.body.replace(&token, "TOKEN").replace(email, "TYPED");
        let names = browser.answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        seen.push((browser.status(), without_clock(&body), names));
        browser.fill("Verification code", code).click("Verify code").await;
    }
    let sent = browser.post_only("/forgot-password/resend", &[]).await;
    seen.push((sent.status, String::new(), sent.headers.keys().map(|name| name.as_str().to_owned()).collect()));
    seen
}

/// The note on when another code may be sent counts seconds.
fn without_clock(body: &str) -> String {
    let lines = body.lines().filter(|line| !line.contains("data-wait"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn nobody_learns_whether_there_is_an_account() {
    let app = TestApp::spawn().await;
    let first = answers(&app, UNKNOWN).await;
    assert_eq!(first[0].0, 200);
    for username in ["phone.only", "email.only", "member.none", "locked", "disabled", "invited", "unfinished"] {
        assert_eq!(answers(&app, &app.email(username)).await, first, "{username} answers otherwise");
    }
    let sent = app.outbox().await;
    assert!(sent.iter().all(|m| m.to != UNKNOWN), "no mail to a stranger");
    assert_eq!(app.outbox_of("disabled").await.len(), 0, "nor to somebody disabled");
    for username in ["invited", "unfinished"] {
        assert_eq!(app.count_of(username, "no_password_here").await, 1, "{username}");
        assert_eq!(app.count_of(username, "password_reset").await, 0, "{username}");
    }
}

#[tokio::test]
async fn no_code_is_right_for_an_address_that_nobody_has() {
    let app = TestApp::spawn().await;
    let mut known = app.browser();
    known.forget(&app.email("email.only")).await;
    let code = app.newest_is("email.only", "sent").await.code.expect("a code");
    for email in [UNKNOWN.to_owned(), app.email("invited"), app.email("disabled")] {
        let mut browser = app.browser();
        browser.forget(&email).await;
        browser.fill("Verification code", &code).click("Verify code").await;
        browser.must_be_at("/forgot-password/code").must_say("That code is not right.");
        browser.post("/forgot-password/continue", &[]).await;
        browser.must_be_at("/forgot-password/code");
    }
}

/// Medians of 40 interleaved samples within 25 %. A machine that is busy elsewhere may spoil a round; a
/// difference that is there spoils all six.
#[tokio::test]
async fn both_take_as_long() {
    let app = TestApp::spawn().await;
    let people = app.people.passwords().map(|(username, _)| app.email(username)).collect::<Vec<_>>();
    let mut seen = Vec::new();
    for round in 0..6 {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for n in 0..44 {
            let a = sample(&app, &people[n % people.len()]).await;
            let b = sample(&app, &format!("nobody{round}.{n}@nowhere.example")).await;
            // The first ones warm up pools and pages.
            if n >= 4 {
                known.push(a);
                unknown.push(b);
            }
        }
        let ratios = [0, 1].map(|part| median(&known, part) / median(&unknown, part));
        if ratios.iter().all(|ratio| (0.75..=1.25).contains(ratio)) {
            return;
        }
        seen.push(ratios);
        app.later(3_601);
    }
    panic!("an address that is known takes so many times as long as another: {seen:?}");
}

fn median(samples: &[[Duration; 2]], part: usize) -> f64 {
    let mut times: Vec<_> = samples.iter().map(|t| t[part]).collect();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

async fn sample(app: &TestApp, email: &str) -> [Duration; 2] {
    let mut browser = app.browser();
    browser.get("/forgot-password").await;
    let begun = Instant::now();
    browser.post_only("/forgot-password", &[("email", email)]).await;
    let asked = begun.elapsed();
    // Whatever was sent has gone out by then.
    tokio::time::sleep(Duration::from_millis(30)).await;
    let begun = Instant::now();
    browser.post_only("/forgot-password/code", &[("code", "000000")]).await;
    [asked, begun.elapsed()]
}

#[tokio::test]
async fn after_three_mails_an_hour_an_account_is_sent_nothing_and_nobody_is_told() {
    let app = TestApp::spawn().await;
    for _ in 0..5 {
        let mut browser = app.browser();
        browser.forget(&app.email("email.only")).await;
        browser.must_be_at("/forgot-password/code");
    }
    assert_eq!(app.count_of("email.only", "password_reset").await, 3);
    // A browser the account knows has a count of its own.
    let mut known = app.browser();
    app.sign_in(&mut known, crate::support::BY_PHONE, false, "email.only").await;
    known.click("Sign out").await;
    known.forget(&app.email("email.only")).await;
    assert_eq!(app.count_of("email.only", "password_reset").await, 4);
    app.later(3_601);
    let mut browser = app.browser();
    browser.forget(&app.email("email.only")).await;
    assert_eq!(app.count_of("email.only", "password_reset").await, 5);
}

#[tokio::test]
async fn one_address_asks_five_times_in_ten_minutes_and_used_codes_do_not_count() {
    let app = TestApp::behind_proxy().await;
    let mut practice = app.browser().from("203.0.113.10");
    app.mailbox(&mut practice, "email.only").await;
    practice.must_be_at("/forgot-password/new-password");
    let mut browser = app.browser().from("203.0.113.10");
    for n in 0..5 {
        browser.forget(&format!("nobody{n}@nowhere.example")).await;
        browser.must_be_at("/forgot-password/code");
    }
    for email in [app.email("phone.only"), UNKNOWN.to_owned()] {
        browser.forget(&email).await;
        assert_eq!((browser.status(), browser.path()), (429, "/forgot-password"));
        browser.must_say("Too many tries. You can try again at");
        assert!(browser.answer.header("retry-after").is_some());
    }
    app.later(601);
    browser.forget(&app.email("phone.only")).await;
    browser.must_be_at("/forgot-password/code");
}

#[tokio::test]
async fn what_is_no_address_comes_back_with_a_word() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    let long = format!("{}@nowhere.example", "x".repeat(10_000));
    for (typed, says) in [
        ("", "Enter your email address."),
        ("somebody", "Enter an email address like name@example.org."),
        ("a@b.example\r\nBcc: eve@evil.example", "Enter an email address like"),
        (long.as_str(), "Enter an email address like"),
    ] {
        browser.forget(typed).await;
        browser.must_be_at("/forgot-password").must_say(says);
    }
    assert!(app.outbox().await.is_empty());
}
