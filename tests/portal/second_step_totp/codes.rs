//! Which codes of an authenticator are taken. RFC 6238.

use std::process::Command;

use vestibule::clock::unix;

use crate::support::{BY_PHONE, Browser, TestApp};

const WHICH: &str = "authenticator";

async fn enter(browser: &mut Browser, code: &str) {
    browser.fill("Verification Code", code).click("Verify Code").await;
}

#[tokio::test]
async fn the_code_of_the_app_signs_in() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    browser.must_be_at("/login/verify/authenticator");
    assert!(browser.page().has("input[autocomplete=one-time-code][inputmode=numeric]"));
    enter(&mut browser, &app.totp("app.only", WHICH, 0)).await;
    browser.must_be_at("/home").must_say("Jonah");
}

/// SECURITY section 2: one step either way and no more.
/// ASVS 6.5.5.
#[tokio::test]
async fn one_step_either_way_is_taken_and_two_are_not() {
    for (steps, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let app = TestApp::spawn().await;
        app.mid_step();
        let mut browser = app.after_password(BY_PHONE, "app.only").await;
        enter(&mut browser, &app.totp("app.only", WHICH, steps)).await;
        assert_eq!(browser.path() == "/home", taken, "{steps} steps: {}", browser.text());
        if !taken {
            browser.must_say("Your phone's clock seems to be about 1 minute off");
        }
    }
}

/// SPEC section 2: the hint, which is counted like any wrong code.
#[tokio::test]
async fn a_code_of_a_nearby_time_tells_how_far_the_clock_is_off() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    for (steps, minutes) in [(-20, "about 10 minutes off"), (10, "about 5 minutes off"), (-110, "about 55 minutes off")]
    {
        enter(&mut browser, &app.totp("app.only", WHICH, steps)).await;
        browser.must_say(&format!("Your phone's clock seems to be {minutes}"));
    }
    enter(&mut browser, &app.totp("app.only", WHICH, 125)).await;
    assert!(!browser.says("seems to be"), "more than an hour is no hint");
    assert_eq!(app.audited("app.only", "second_step", "failure").await, 4);
}

/// RFC 6238 section 5.2, ASVS 6.5.1: a step is taken once, and never an older one.
/// NIST 3.1.4.2.
#[tokio::test]
async fn a_code_is_taken_once_and_an_older_one_never_after_it() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let (older, now) = (app.totp("app.only", WHICH, -1), app.totp("app.only", WHICH, 0));
    let next = app.totp("app.only", WHICH, 1);
    let mut first = app.after_password(BY_PHONE, "app.only").await;
    enter(&mut first, &now).await;
    first.must_be_at("/home");
    let mut second = app.after_password(BY_PHONE, "app.only").await;
    for used in [&now, &older] {
        enter(&mut second, used).await;
        second.must_be_at("/login/verify/authenticator").must_say("That code does not match.");
    }
    assert!(app.count_of("app.only", "code_reused").await > 0, "the owner is told");
    enter(&mut second, &next).await;
    second.must_be_at("/home");
}

/// SPEC section 2: authenticators and tokens share a page, the code is tried against each.
#[tokio::test]
async fn tokens_of_both_kinds_sign_in() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "token").await;
    browser.must_be_at("/login/verify/authenticator").must_say("Press the button of your hardware token");
    enter(&mut browser, &app.totp("token", "hardware_token", 0)).await;
    browser.must_be_at("/home");
}

#[tokio::test]
async fn a_code_is_tried_against_each_of_several_authenticators() {
    let app = TestApp::spawn().await;
    let (from, to) = (app.user_id("token"), app.user_id("app.only"));
    app.sql(format!("UPDATE factors SET user_id = '{to}' WHERE user_id = '{from}'")).await;
    for (owner, which) in [("token", "hardware_token"), ("app.only", WHICH)] {
        let mut browser = app.after_password(BY_PHONE, "app.only").await;
        browser.must_say("Open your authenticator app, or press the button of your hardware token");
        enter(&mut browser, &app.totp(owner, which, 0)).await;
        browser.must_be_at("/home");
    }
}

#[tokio::test]
async fn spaces_and_dashes_in_a_code_do_not_matter() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    let code = app.totp("app.only", WHICH, 0);
    enter(&mut browser, &format!("{} {}-", &code[..3], &code[3..])).await;
    browser.must_be_at("/home");
}

/// ASVS 11.3.3: a secret moved to another row does not open, and then nobody gets in.
/// ASVS 11.2.5.
#[tokio::test]
async fn a_secret_copied_from_another_person_fails_closed() {
    let app = TestApp::spawn().await;
    let (from, to) = (app.factor_id("wchen", WHICH), app.factor_id("app.only", WHICH));
    app.sql(format!("UPDATE factors SET secret = (SELECT secret FROM factors WHERE id = '{from}') WHERE id = '{to}'"))
        .await;
    for owner in ["wchen", "app.only"] {
        let mut browser = app.after_password(BY_PHONE, "app.only").await;
        enter(&mut browser, &app.totp(owner, WHICH, 0)).await;
        assert_eq!(browser.status(), 500, "{owner}'s code");
        browser.get("/home").await;
        browser.must_be_at("/login/verify/authenticator");
    }
}

/// U19: codes as another program makes them.
#[tokio::test]
#[ignore = "needs oathtool (Debian package oathtool)"]
async fn a_code_made_by_oathtool_signs_in() {
    let app = TestApp::spawn().await;
    for (username, which, extra) in
        [("app.only", WHICH, vec![]), ("hyamamoto", "hardware_token", vec!["--totp=sha256", "--time-step-size=60s"])]
    {
        let mut command = Command::new("oathtool");
        if extra.is_empty() {
            command.arg("--totp");
        }
        let at = format!("@{}", unix(app.app.core.clock.now()));
        let made = command.args(extra).args(["--base32", "--now", &at]).arg(app.totp_key(username, which));
        let output = made.output().expect("oathtool is installed");
        let code = String::from_utf8(output.stdout).expect("digits").trim().to_owned();
        assert_eq!(code.len(), 6, "{}", String::from_utf8_lossy(&output.stderr));
        let mut browser = app.after_password(BY_PHONE, username).await;
        enter(&mut browser, &code).await;
        browser.must_be_at("/home");
    }
}

/// UI.md section 6: what was typed stays where it was not judged.
#[tokio::test]
async fn a_code_that_cannot_be_one_stays_in_its_field() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    browser.must_be_at("/login/verify/authenticator");
    for typed in ["12345", "12a456", "1234567"] {
        browser.fill("Verification Code", typed).click("Verify Code").await;
        browser.must_say("Enter the 6-digit code.");
        assert_eq!(browser.page().attribute("#code", "value").as_deref(), Some(typed));
    }
    let wrong = app.wrong_totp("app.only", WHICH);
    browser.fill("Verification Code", &wrong).click("Verify Code").await;
    assert_eq!(browser.page().attribute("#code", "value").as_deref(), Some(""), "judged");
    // The same field in MFA Configuration, with the name beside it.
    let mut set_up = app.signed_in("member.none").await;
    set_up.get("/security/authenticator").await;
    set_up.click("Show QR code").await;
    set_up.fill("One-time code", "12 34").fill("Device name", "Phone").click("Save").await;
    set_up.must_say("Enter the 6-digit code.");
    assert_eq!(set_up.page().attribute("#code", "value").as_deref(), Some("12 34"));
    assert_eq!(set_up.page().attribute("#device_name", "value").as_deref(), Some("Phone"));
}
