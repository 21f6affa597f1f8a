//! **MFA Configuration**: as often as one has devices, required or not.

use super::*;
use crate::set_up::{code, enroll, key, save, wrong};

/// At the key, in a new browser.
async fn at_key(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.signed_in(username).await;
    browser.get("/security").await;
    browser.click("MFA Configuration").await;
    browser.must_be_at("/security/authenticator");
    browser
}

/// SPEC section 5; U3, U4.
#[tokio::test]
async fn several_devices_each_with_a_name_of_its_own() {
    let app = TestApp::spawn().await;
    let mut browser = at_key(&app, "member.none").await;
    let before = browser.cookie("vestibule");
    let shown = browser.page().texts("#totp-key")[0].clone();
    assert_eq!((shown.len(), shown.split(' ').count()), (39, 8), "groups of four");
    let first = enroll(&app, &mut browser, "Carla’s phone").await;
    browser.must_say("Save your recovery codes");
    assert_eq!(browser.page().texts("#codes li").len(), 8);
    assert_ne!(browser.cookie("vestibule"), before, "a new id");
    browser.click("Continue").await;
    browser.must_say("Save the codes first");
    let file = browser.post_only("/security/recovery-codes/download", &[("codes", &codes(&browser))]).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"recovery-codes.txt\""));
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/security").must_say("Carla’s phone").must_say("MFA on");
    assert!(!browser.answer.body.contains(&first), "never shown again");

    browser.click("MFA Configuration").await;
    app.mid_step();
    let second = key(&browser);
    assert_ne!(second, first);
    let long = "x".repeat(200);
    for (name, words) in [
        ("", "Enter a name for this device."),
        (long.as_str(), "Use at most 60 characters"),
        ("CARLA’S PHONE", "You already have a device of this name."),
        ("a\u{202e}b", "characters that cannot be seen"),
    ] {
        save(&mut browser, &code(&app, &second, 0), name).await;
        browser.must_be_at("/security/authenticator").must_say(words);
        assert_eq!(key(&browser), second, "kept");
    }
    save(&mut browser, &code(&app, &second, 0), "<b>Tablet</b>").await;
    browser.must_be_at("/security").must_say("<b>Tablet</b>").must_say("Your authenticator was saved.");
    assert!(browser.answer.body.contains("&#60;b&#62;Tablet") || browser.answer.body.contains("&lt;b&gt;Tablet"));
    assert_eq!(factors_of(&app, "member.none").await.len(), 2);
    assert_eq!(app.count_of("member.none", "factor_added").await, 2);
}

fn codes(browser: &Browser) -> String {
    browser.page().attribute("input[name=codes]", "value").expect("the codes")
}

/// U2: shown and left.
#[tokio::test]
async fn what_is_left_unfinished_leaves_nothing_on() {
    let app = TestApp::spawn().await;
    let mut browser = at_key(&app, "member.none").await;
    let first = key(&browser);
    browser.refresh().await;
    assert_eq!(key(&browser), first, "a refresh keeps the key");
    save(&mut browser, &wrong(&app, &first), "Phone").await;
    browser.must_say("That code does not match");
    assert_eq!(key(&browser), first, "a wrong code keeps the key");
    browser.get("/security").await;
    browser.must_say("No authenticator app yet");
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/home");
    // The key is bound to its session: another one can neither see it nor finish it.
    let mut other = app.signed_in("member.none").await;
    other.get("/security/authenticator").await;
    assert!(!other.page().has("#totp-key"));
    let fields = [("code", code(&app, &first, 0)), ("device_name", "x".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    other.post("/security/authenticator", &fields).await;
    assert!(!factors_of(&app, "member.none").await.iter().any(|f| f.confirmed_at.is_some()));
}

/// U19, ASVS 6.5.1: fifty at once are one device, and neither its code nor an older one opens anything
/// afterwards.
#[tokio::test]
async fn fifty_saves_at_once_are_one_device() {
    let app = TestApp::spawn().await;
    let browser = at_key(&app, "member.none").await;
    app.mid_step();
    let [older, code] = [-1, 0].map(|steps| code(&app, &key(&browser), steps));
    let posts = (0..50).map(|n| {
        let (mut copy, code, name) = (browser.clone(), code.clone(), format!("Device {n}"));
        async move {
            let fields = [("code", code.as_str()), ("device_name", name.as_str())];
            copy.post_only("/security/authenticator", &fields).await
        }
    });
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().all(|a| a.status < 500), "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert_eq!(answers.iter().filter(|a| a.body.contains("Save your recovery codes")).count(), 1);
    let active = factors_of(&app, "member.none").await;
    assert_eq!(active.iter().filter(|f| f.confirmed_at.is_some()).count(), 1);
    let mut again = app.after_password(BY_PHONE, "member.none").await;
    for code in [&code, &older] {
        again.must_be_at("/login/verify/authenticator");
        again.fill("Verification Code", code).click("Verify Code").await;
    }
    again.must_be_at("/login/verify/authenticator");
}

/// S13, ASVS 6.3.7, 7.4.3.
/// NIST 4.1.2.1.
#[tokio::test]
async fn adding_one_ends_everything_else_and_tells_the_owner() {
    let app = TestApp::spawn().await;
    let mut three = Three::of(&app, "email.only").await;
    three.here.get("/security/authenticator").await;
    three.here.click("Show QR code").await;
    let before = three.here.cookie("vestibule");
    enroll(&app, &mut three.here, "New").await;
    three.here.must_say("Save your recovery codes");
    three.only_here_goes_on(before).await;
    assert_eq!(told(&app, "email.only", "factor_added").await, [app.email("email.only")]);
    assert_eq!(app.audited("email.only", "factor_added", "success").await, 1);
}

/// Confirming who it is in the middle of a set-up keeps the key that was scanned.
#[tokio::test]
async fn the_key_outlives_a_confirmation() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    app.later(570);
    browser.get("/security/authenticator").await;
    browser.click("Show QR code").await;
    let first = key(&browser);
    app.later(60);
    save(&mut browser, &code(&app, &first, 0), "Phone").await;
    browser.must_be_at("/security/confirm");
    assert!(!factors_of(&app, "member.none").await.iter().any(|f| f.confirmed_at.is_some()));
    app.confirm(&mut browser, "member.none").await;
    browser.must_be_at("/security/authenticator");
    assert_eq!(key(&browser), first);
    save(&mut browser, &code(&app, &first, 0), "Phone").await;
    browser.must_say("Save your recovery codes");
}

/// The answer to **Save** shows the recovery codes. Sent again, by a reload, the form adds nothing, and is told
/// that the authenticator is there.
#[tokio::test]
async fn a_save_that_is_sent_again_is_told_what_happened() {
    let app = TestApp::spawn().await;
    let mut browser = at_key(&app, "member.none").await;
    app.mid_step();
    let code = code(&app, &key(&browser), 0);
    let mut again = browser.clone();
    save(&mut browser, &code, "Phone").await;
    browser.must_say("Save your recovery codes");
    again.set_cookie("vestibule", &browser.cookie("vestibule").expect("a session"));
    save(&mut again, &code, "Phone").await;
    again.must_be_at("/security").must_say("The authenticator is set up already.");
    assert_eq!(factors_of(&app, "member.none").await.len(), 1);
    assert_eq!(app.audited("member.none", "recovery_codes_made", "success").await, 1);
    // Without anything saved, a form that is not of this session says nothing of the kind.
    let mut other = at_key(&app, "email.only").await;
    let form = [("code", "123456"), ("device_name", "x")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let answer = other.ask(reqwest::Method::POST, "/security/authenticator", &[], Some(&form)).await;
    assert_eq!(answer.status, 403);
}
