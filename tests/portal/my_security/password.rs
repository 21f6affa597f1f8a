//! Another password.

use super::*;

const NEW: &str = "seven quiet otters dance";

async fn change(browser: &mut Browser, current: &str, new: &str, again: &str) {
    browser.fill("Current Password", current).fill("New Password", new).fill("Confirm New Password", again);
    browser.click("Save").await;
}

/// ASVS 6.2.2 to 6.2.4, 6.3.7, 7.4.3; S13.
/// ASVS 6.2.1, 6.2.12.
#[tokio::test]
async fn the_password_is_changed_with_the_present_one() {
    let app = TestApp::spawn().await;
    let mut three = Three::of(&app, "all.factors").await;
    let old = app.password("all.factors");
    let here = &mut three.here;
    here.get("/security/password").await;
    assert_eq!(here.page().attribute("#current_password", "autocomplete").as_deref(), Some("current-password"));
    assert_eq!(here.page().attribute("#new_password", "autocomplete").as_deref(), Some("new-password"));
    for (current, new, again, words) in [
        ("", NEW, NEW, "Enter your current password."),
        (old.as_str(), "", "", "Enter a new password."),
        (old.as_str(), NEW, "another", "The two passwords are not the same."),
        (old.as_str(), "short", "short", "Use at least"),
        (old.as_str(), "password123456", "password123456", "password"),
        ("not the right one", NEW, NEW, "That is not your current password."),
        (old.as_str(), old.as_str(), old.as_str(), "This is your current password."),
    ] {
        change(here, current, new, again).await;
        here.must_be_at("/security/password").must_say(words);
        assert!(!here.answer.body.contains(NEW), "never sent back");
    }
    let before = here.cookie("vestibule");
    assert!(user(&app, "all.factors").await.password_hash.is_some());
    change(here, &old, NEW, NEW).await;
    here.must_be_at("/security").must_say("Your password was changed.");
    three.only_here_goes_on(before).await;
    assert_eq!(told(&app, "all.factors", "password_replaced").await, [app.email("all.factors")]);
    assert_eq!(app.audited("all.factors", "password_changed", "success").await, 1);
    for (password, right) in [(old.as_str(), false), (NEW, true)] {
        let mut browser = app.browser();
        browser.choose(BY_PHONE, false).await;
        browser.sign_in_as(&app.email("all.factors"), password).await;
        assert_eq!(browser.path() == "/login/verify/phone", right);
    }
    // The session at hand is still worth a change: its factor was shown just now.
    three.here.get("/security/password").await;
    three.here.must_be_at("/security/password");
}

/// ASVS 6.3.1: the same counters as at sign-in.
#[tokio::test]
async fn wrong_ones_are_counted() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/password").await;
    let hash = user(&app, "member.none").await.password_hash;
    let mut statuses = Vec::new();
    for n in 0..8 {
        change(&mut browser, &format!("wrong number {n}"), NEW, NEW).await;
        statuses.push(browser.status());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    // The wait is one of seconds, which a time without seconds would have in the past.
    let wait: i64 = browser.answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!(wait < 60, "{wait}");
    assert!(browser.title().starts_with("Error: "));
    let seconds = browser.page().texts(".error-summary").join(" ");
    let at = seconds.split("try again ").nth(1).unwrap_or_default();
    assert!(at.starts_with("in a few seconds") || at.matches(':').count() == 2, "{seconds}");
    let right = app.password("member.none");
    change(&mut browser, &right, NEW, NEW).await;
    assert_eq!(browser.status(), 429, "not judged while it waits");
    assert_eq!(user(&app, "member.none").await.password_hash, hash, "unchanged");
}
