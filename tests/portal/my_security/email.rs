//! Codes by e-mail, and another address to sign in with.

use super::*;
use crate::support::{BY_EMAIL, other_than};

const NEW: &str = "new.address@example.org";

async fn newest_to(app: &TestApp, to: &str) -> Option<String> {
    app.outbox().await.into_iter().filter(|m| m.to == to).find_map(|m| m.code)
}

#[tokio::test]
async fn codes_by_email_are_turned_on_with_a_code() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    browser.get("/security").await;
    browser.click("Turn on").await;
    browser.must_be_at("/security/email-code");
    browser.click("Send verification code").await;
    browser.must_say("Verification code has been sent to your inbox. Please copy it to the input box below.");
    let right = newest_to(&app, &app.email("phone.only")).await.expect("a code");
    browser.fill("Verification code", &other_than(&right)).click("Verify code").await;
    browser.must_say("That code is not right.");
    assert_eq!(factors_of(&app, "phone.only").await.len(), 1);
    browser.fill("Verification code", &right).click("Verify code").await;
    browser.must_be_at("/security").must_say("E-mail address verified.");
    assert_eq!(factors_of(&app, "phone.only").await.len(), 2);
    assert_eq!(browser.get_only("/security/email-code").await.location(), Some("/security"));
    app.after_password(BY_EMAIL, "phone.only").await.must_be_at("/login/verify/email");
}

/// ASVS 6.3.7, 7.4.3; S13.
#[tokio::test]
async fn a_new_address_counts_once_its_code_came_back() {
    let app = TestApp::spawn().await;
    let old = app.email("email.only");
    let mut three = Three::of(&app, "email.only").await;
    three.here.get("/security/email").await;
    for (typed, words) in [
        ("", "Enter your new email address."),
        ("nonsense", "Enter an email address"),
        (old.to_uppercase().as_str(), "You sign in with this address already."),
    ] {
        three.here.fill("New Email Address", typed).click("Send verification code").await;
        three.here.must_be_at("/security/email").must_say(words);
    }
    three.here.fill("New Email Address", NEW).click("Send verification code").await;
    three.here.must_say("Check your e-mail");
    assert_eq!(user(&app, "email.only").await.email, old, "not yet");
    app.newest_is("email.only", "sent").await;
    let code = newest_to(&app, NEW).await.expect("a code");
    three.here.fill("Verification code", &other_than(&code)).click("Verify code").await;
    three.here.must_say("That code is not right.");
    let before = three.here.cookie("vestibule");
    three.here.fill("Verification code", &code).click("Verify code").await;
    three.here.must_be_at("/security").must_say("Your e-mail address was changed.").must_say(NEW);
    three.only_here_goes_on(before).await;
    assert_eq!(user(&app, "email.only").await.email, NEW);
    assert_eq!(factors_of(&app, "email.only").await[0].email.as_deref(), Some(NEW), "the factor goes along");
    let mut both = vec![old.clone(), NEW.to_owned()];
    both.sort();
    assert_eq!(told(&app, "email.only", "email_changed").await, both);
    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(&old, &app.password("email.only")).await;
    browser.must_say("is not right");
    browser.sign_in_as(NEW, &app.password("email.only")).await;
    browser.must_be_at("/login/verify/email");
}

/// ASVS 6.3.8: nobody learns whose address it is, and its owner is told.
#[tokio::test]
async fn an_address_that_is_taken_looks_like_any_other() {
    let app = TestApp::spawn().await;
    let taken = app.email("phone.only");
    let ask = async |address: &str| {
        let mut browser = app.signed_in("member.none").await;
        browser.get("/security/email").await;
        browser.fill("New Email Address", address).click("Send verification code").await;
        browser.must_be_at("/security/email").must_say("Check your e-mail");
        let shown = browser.text().replace(address, "ADDRESS");
        browser.fill("Verification code", "000000").click("Verify code").await;
        browser.must_say("That code is not right.");
        browser.get("/security/activity").await;
        let seen = browser.page().texts(".items h2");
        (shown, seen)
    };
    let (free, seen_free) = ask(NEW).await;
    let (not_free, seen_not_free) = ask(&taken).await;
    let plain = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    assert_eq!(plain(&free), plain(&not_free));
    assert_eq!(seen_free[..2], seen_not_free[..2], "their own activity does not tell either");
    assert_eq!(newest_to(&app, &taken).await, None, "no code for somebody else's address");
    assert_eq!(app.count_of("phone.only", "address_wanted").await, 1);
    assert_eq!(user(&app, "member.none").await.email, app.email("member.none"));
}

/// Taken between the code and its return: nothing changes.
#[tokio::test]
async fn an_address_taken_meanwhile_stays_with_whom_took_it() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/email").await;
    browser.fill("New Email Address", NEW).click("Send verification code").await;
    app.newest_is("member.none", "sent").await;
    let code = newest_to(&app, NEW).await.expect("a code");
    let id = app.user_id("phone.only");
    app.sql(format!("UPDATE users SET email = '{NEW}', email_lower = '{NEW}' WHERE id = '{id}'")).await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_say("That code is not right.");
    assert_eq!(user(&app, "member.none").await.email, app.email("member.none"));
    assert_eq!(app.count_of("phone.only", "address_wanted").await, 1);
}

/// **Change** puts the code aside.
#[tokio::test]
async fn another_address_can_be_typed() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/email").await;
    browser.fill("New Email Address", NEW).click("Send verification code").await;
    app.newest_is("member.none", "sent").await;
    let code = newest_to(&app, NEW).await.expect("a code");
    browser.click("Change").await;
    browser.must_be_at("/security/email");
    assert!(!browser.says("Check your e-mail"));
    browser.post("/security/email/verify", &[("code", &code)]).await;
    assert_eq!(user(&app, "member.none").await.email, app.email("member.none"));
}

/// Lists show and find the new address at once, and the old one no more.
#[tokio::test]
async fn administrators_find_the_new_address() {
    let app = TestApp::spawn().await;
    let old = app.email("member.none");
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/email").await;
    browser.fill("New Email Address", NEW).click("Send verification code").await;
    app.newest_is("member.none", "sent").await;
    let code = newest_to(&app, NEW).await.expect("a code");
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_say("Your e-mail address was changed.");
    let row = format!("tbody a[href^='/admin/users/{}']", app.user_id("member.none"));
    let mut admin = app.administering("admin").await;
    for (typed, found) in [(NEW, true), (old.as_str(), false)] {
        admin.get(&format!("/admin/users?q={}", typed.replace('@', "%40"))).await;
        assert_eq!(admin.page().has(&row), found, "{typed}");
    }
}
