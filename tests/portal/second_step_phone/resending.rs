//! Sending again: gaps, budgets, and guesses that are counted across codes.

use crate::support::{BY_PHONE, Browser, TestApp, other_than};

async fn resend(browser: &mut Browser) -> u16 {
    browser.get("/login/verify/phone/code").await;
    browser.click("send a new code").await;
    browser.status()
}

/// S6.
/// ASVS 2.3.2, 2.4.1.
#[tokio::test]
async fn within_the_gap_nothing_is_sent_and_the_seconds_left_are_shown() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    let first = app.code_of("phone.only").await;
    for gap in [30, 60, 120, 240] {
        let begun = app.app.core.clock.offset();
        let sent = app.count_of("phone.only", "sign_in_code").await;
        for (after, left) in [(1, gap - 1), (gap / 2, gap - gap / 2), (gap - 2, 2)] {
            app.at(begun + after);
            assert_eq!(resend(&mut browser).await, 429, "after {after} of {gap} s");
            let shown = browser.page().attribute("[data-wait-left]", "data-wait-left");
            let shown: i64 = shown.expect("the seconds left").parse().expect("a number");
            assert!((left - 2..=left + 1).contains(&shown), "{shown} s shown, {left} left");
            browser.must_say("We can send another code at");
            let after: i64 = browser.answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
            assert!((1..=gap).contains(&after));
        }
        assert_eq!(app.count_of("phone.only", "sign_in_code").await, sent);
        app.at(begun + gap + 1);
        // Three per number in ten minutes would end this row before the gaps do.
        app.forget_limits("send:number").await;
        assert_eq!(resend(&mut browser).await, 200, "after the gap of {gap} s");
        assert_eq!(app.count_of("phone.only", "sign_in_code").await, sent + 1);
    }
    resend(&mut browser).await;
    browser.must_say("No more codes can be sent in this sign-in.");
    assert_eq!(app.count_of("phone.only", "sign_in_code").await, 5, "five per sign-in");
    if app.code_of("phone.only").await != first {
        browser.post("/login/verify/phone/code", &[("code", &first)]).await;
        browser.must_say("That code is not right");
    }
}

/// S6: a newer code replaces the older one, and renews no budget of guesses.
/// ASVS 6.6.3; NIST 3.1.3.2.
#[tokio::test]
async fn guesses_are_counted_across_codes() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    let first = app.code_of("phone.only").await;
    for _ in 0..3 {
        browser.post("/login/verify/phone/code", &[("code", &other_than(&first))]).await;
    }
    app.later(31);
    assert_eq!(resend(&mut browser).await, 200);
    let second = app.code_of("phone.only").await;
    let mut old = browser.clone();
    if first != second {
        old.post("/login/verify/phone/code", &[("code", &first)]).await;
        old.must_say("That code is not right");
        browser.post("/login/verify/phone/code", &[("code", &other_than(&second))]).await;
        browser.must_be_at("/login").must_say("That was the last try");
    }
}

/// SECURITY section 2: three texts and calls per number in ten minutes, over all sign-ins.
/// ASVS 2.3.2, 2.4.1.
#[tokio::test]
async fn a_number_is_sent_three_messages_in_ten_minutes() {
    let app = TestApp::spawn().await;
    for how in ["Send Code", "Call Me", "Send Code"] {
        let mut browser = app.after_password(BY_PHONE, "phone.only").await;
        browser.click(how).await;
        assert_eq!(browser.status(), 200, "{how}");
    }
    let mut fourth = app.after_password(BY_PHONE, "phone.only").await;
    for _ in 0..2 {
        fourth.click("Send Code").await;
        assert_eq!(fourth.status(), 429);
        fourth.must_say("Too many codes were sent. We can send another code at");
    }
    // The refusals took nothing from this sign-in: once time has passed it sends.
    app.forget_limits("send:number").await;
    fourth.get("/login/verify/phone").await;
    fourth.click("Send Code").await;
    fourth.must_be_at("/login/verify/phone/code");
}

/// A time on another day is told with its day.
#[tokio::test]
async fn a_limit_that_ends_tomorrow_says_so() {
    let app = TestApp::spawn().await;
    app.after_password(BY_PHONE, "phone.only").await.click("Send Code").await;
    // The day's budget is used up: it is there again a day after its first send.
    app.sql("UPDATE throttles SET count = 10 WHERE key LIKE 'send:user:%'".into()).await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    assert_eq!(browser.status(), 429);
    let text = browser.text();
    let (_, time) = text.split_once("We can send another code at ").expect("the sentence");
    assert!(time.split_once('.').is_some_and(|(time, _)| time.ends_with(" tomorrow")), "{text}");
}

/// SECURITY section 2: a code that is used gives its send back.
#[tokio::test]
async fn whoever_uses_the_codes_is_not_held_up_by_them() {
    let app = TestApp::spawn().await;
    for _ in 0..5 {
        let mut browser = app.browser();
        app.sign_in(&mut browser, BY_PHONE, false, "phone.only").await;
    }
    // Ten per person and day are the end all the same.
    for _ in 0..5 {
        let mut browser = app.browser();
        app.sign_in(&mut browser, BY_PHONE, false, "phone.only").await;
    }
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    assert_eq!(browser.status(), 429);
    app.later(86_400);
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    browser.must_be_at("/login/verify/phone/code");
}

/// SECURITY section 2: 25 unfinished sends per address in five minutes.
/// ASVS 2.3.2, 2.4.1.
#[tokio::test]
async fn an_address_begins_25_sends_in_five_minutes() {
    let app = TestApp::behind_proxy().await;
    let phones =
        ["phone.only", "aalmasri", "nwilliams", "cmoreau", "kolsen", "owner.two", "rsmith", "gkowalczyk", "mgreen"];
    let mut sent = 0;
    let mut refused = 0;
    for username in phones {
        for _ in 0..3 {
            let mut browser = app.browser().from("203.0.113.9");
            app.password_in(&mut browser, BY_PHONE, false, username).await;
            browser.click("Send Code").await;
            match browser.status() {
                200 => sent += 1,
                _ => refused += 1,
            }
        }
    }
    assert_eq!((sent, refused), (25, 2));
    let mut elsewhere = app.browser().from("198.51.100.1");
    app.password_in(&mut elsewhere, BY_PHONE, false, "malvarez").await;
    elsewhere.click("Send Code").await;
    elsewhere.must_be_at("/login/verify/phone/code");
}

/// SECURITY section 2: only the home country is texted and called.
#[tokio::test]
async fn a_foreign_number_is_neither_texted_nor_called() {
    let app = TestApp::spawn().await;
    let user = app.user_id("phone.only");
    app.sql(format!("UPDATE factors SET phone = '+882161234567' WHERE user_id = '{user}'")).await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    for how in ["Send Code", "Call Me"] {
        browser.click(how).await;
        browser.must_say("We cannot text or call numbers in this country.");
    }
    assert!(app.outbox_of("phone.only").await.is_empty());
}
