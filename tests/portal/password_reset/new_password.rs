//! The new password itself. ACCEPTANCE G10; ASVS 6.2.4, 6.2.11, 6.5.1.

use futures_util::future::join_all;

use super::NEW;
use crate::support::TestApp;

/// G10: says why, keeps the flow, and shows nothing of what was typed.
/// ASVS 6.2.4, 6.2.11, 6.2.12; NIST 3.1.1.2.
#[tokio::test]
async fn a_bad_password_says_why_and_keeps_the_flow() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_mailbox("email.only").await;
    let wrong = [
        ("short", "Use at least 15 characters."),
        ("password123456!", "This password has appeared in a data leak."),
        ("harbor valley health 2026", "Do not use the name of your organization."),
        ("aaaaaaaaaaaaaaaaaaaa", "Do not use repeated characters"),
        ("", "Enter a new password."),
    ];
    for (password, why) in wrong {
        browser.choose_password(password, password).await;
        browser.must_be_at("/forgot-password/new-password").must_say(why);
        assert!(password.is_empty() || !browser.answer.body.contains(password), "{password} is echoed");
    }
    browser.choose_password(NEW, "something else entirely").await;
    browser.must_say("The two passwords are not the same.");
    assert!(app.gets_past_password("email.only", &app.password("email.only")).await);
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
}

/// Eight characters where the managing organization enforces MFA.
/// ASVS 6.2.1; NIST 3.1.1.2.
#[tokio::test]
async fn the_managing_organization_decides_how_long() {
    let app = TestApp::spawn().await;
    let id = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET enforce_mfa = true WHERE id = '{id}'")).await;
    let mut browser = app.after_mailbox("email.only").await;
    browser.must_say("At least 8 characters.");
    browser.choose_password("moss7kt", "moss7kt").await;
    browser.must_say("Use at least 8 characters.");
    browser.choose_password("moss7ktv", "moss7ktv").await;
    browser.must_be_at("/home");
}

/// ASVS 6.5.1.
#[tokio::test]
async fn fifty_posts_of_the_form_change_the_password_once() {
    let app = TestApp::spawn().await;
    let browser = app.after_mailbox("email.only").await;
    let posts = (0..50).map(|n| {
        let mut browser = browser.clone();
        async move {
            let password = format!("violet kettle harbors moss {n}x");
            let answer = browser
                .post_only("/forgot-password/new-password", &[("password", &password), ("confirmation", &password)])
                .await;
            (answer.status, answer.location().unwrap_or_default().to_owned())
        }
    });
    let answers = join_all(posts).await;
    assert_eq!(answers.iter().filter(|(_, to)| to == "/home").count(), 1, "{answers:?}");
    assert_eq!(app.audited("email.only", "password_reset", "success").await, 1);
    assert_eq!(app.count_of("email.only", "password_changed").await, 1);
}

/// A password that was switched off is on again, and tries start anew.
#[tokio::test]
async fn a_password_that_was_off_is_on_again_and_nobody_waits() {
    let app = TestApp::spawn().await;
    let id = app.user_id("email.only");
    app.sql(format!("UPDATE users SET password_off_at = '2026-01-01 00:00:00' WHERE id = '{id}'")).await;
    let mut browser = app.browser();
    browser.choose(crate::support::BY_PHONE, false).await;
    for _ in 0..7 {
        browser.sign_in_as(&app.email("email.only"), "Not-the-password-1").await;
    }
    assert_eq!(browser.status(), 429);
    app.mailbox(&mut browser, "email.only").await;
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
    assert!(app.gets_past_password("email.only", NEW).await);
}

/// ASVS 6.3.7: told with when, where from and who to call, at every address on record.
/// NIST 4.2.3, 4.6.
#[tokio::test]
async fn the_owner_is_told_at_every_address() {
    let app = TestApp::spawn().await;
    let factor = app.factor_id("owner.two", "email");
    app.sql(format!("UPDATE factors SET email = 'old@elsewhere.example' WHERE id = '{factor}'")).await;
    let mut browser = app.after_mailbox("owner.two").await;
    app.second_step(&mut browser, "owner.two").await;
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/home");
    let told = app.outbox_of("owner.two").await;
    let told: Vec<_> = told.iter().filter(|m| m.kind == "password_changed").collect();
    let mut to: Vec<&str> = told.iter().map(|m| m.to.as_str()).collect();
    to.sort_unstable();
    let own = app.email("owner.two");
    let mut expected = [own.as_str(), "old@elsewhere.example"];
    expected.sort_unstable();
    assert_eq!(to, expected);
    for words in ["Firefox on Linux, address 127.0.0.1", "Call your practice admin"] {
        assert!(told[0].text.contains(words), "{}", told[0].text);
    }
}

/// An e-mail factor at another address is not what the code was sent to: no page without it.
#[tokio::test]
async fn a_factor_at_another_address_was_not_shown() {
    let app = TestApp::spawn().await;
    let factor = app.factor_id("email.only", "email");
    app.sql(format!("UPDATE factors SET email = 'old@elsewhere.example' WHERE id = '{factor}'")).await;
    let mut browser = app.after_mailbox("email.only").await;
    browser.choose_password(NEW, NEW).await;
    browser.must_be_at("/login");
}
