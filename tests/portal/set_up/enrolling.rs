//! The page itself: code, name, key, and what happens when something is wrong.

use totp_rs::Totp;

use super::*;
use crate::support::BY_PHONE;

/// U4: the key beside the QR code, and a link for who has no camera.
#[tokio::test]
async fn the_key_can_be_scanned_typed_read_and_opened() {
    let app = TestApp::spawn().await;
    let browser = app.after_password(BY_PHONE, MUST).await;
    let page = browser.page();
    let shown = page.texts("#totp-key")[0].clone();
    assert_eq!((shown.len(), shown.split(' ').count()), (39, 8), "{shown}");
    let spoken: String = key(&browser).chars().flat_map(|c| [c, ' ']).collect();
    let read = page.texts("p.vh").join(" ").replace(", ", "").replace(',', "");
    assert!(read.replace(' ', "").contains(&spoken.replace(' ', "")), "{read}");
    let link = page.attribute("a[href^=otpauth]", "href").expect("a link for an app on this device");
    let app_reads = Totp::from_url(&link).expect("a key URI");
    assert_eq!((app_reads.issuer(), app_reads.account_name()), (Some("Vestibule demo"), app.email(MUST).as_str()));
    assert!(link.contains(&key(&browser)));
    assert!(page.has(".qr svg[role=img] title") && page.has(".qr path[fill='#ffffff']"));
    assert_eq!(browser.answer.header("cache-control"), Some("no-store"));
    assert!(!browser.answer.body.contains("style="));
}

/// A refresh or a wrong code keeps the secret.
#[tokio::test]
async fn a_wrong_code_keeps_the_key_and_the_fifth_replaces_it() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    let first = key(&browser);
    browser.refresh().await;
    assert_eq!(key(&browser), first);
    save(&mut browser, "12 34", "Phone").await;
    browser.must_say("Enter the 6-digit code.");
    for _ in 0..4 {
        let wrong = wrong(&app, &first);
        save(&mut browser, &wrong, "My phone").await;
        browser.must_be_at("/security/setup").must_say("That code does not match");
        assert_eq!(key(&browser), first);
        assert_eq!(browser.page().value("Device name").as_deref(), Some("My phone"));
    }
    let wrong = wrong(&app, &first);
    save(&mut browser, &wrong, "My phone").await;
    browser.must_say("the key was replaced");
    assert_ne!(key(&browser), first);
    save(&mut browser, &code(&app, &first, 0), "My phone").await;
    browser.must_say("That code does not match");
    enroll(&app, &mut browser, "My phone").await;
    browser.must_say("Save your recovery codes");
}

/// ASVS 6.5.5: one step either way, no more; a clock that is off is told.
#[tokio::test]
async fn a_code_of_another_time_is_refused() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    let key = key(&browser);
    for steps in [-2, 2] {
        save(&mut browser, &code(&app, &key, steps), "Phone").await;
        browser.must_say("Your phone's clock seems to be about 1 minute off");
    }
    save(&mut browser, &code(&app, &key, -1), "Phone").await;
    browser.must_say("Save your recovery codes");
}

/// U3.
#[tokio::test]
async fn a_name_is_wanted_short_visible_and_new() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    let long = "x".repeat(200);
    for (name, words) in [
        ("", "Enter a name for this device."),
        (" \u{3000} ", "Enter a name for this device."),
        (long.as_str(), "Use at most 60 characters"),
        ("Pho\u{7}ne", "characters that cannot be seen"),
        ("Pho\u{202e}ne", "characters that cannot be seen"),
    ] {
        let right = code(&app, &key(&browser), 0);
        save(&mut browser, &right, name).await;
        browser.must_be_at("/security/setup").must_say(words);
        assert!(browser.title().starts_with("Error: "));
        assert_eq!(browser.page().value("One-time code"), Some(right), "what was typed stays");
    }
    enroll(&app, &mut browser, "  <script>alert(1)</script> ").await;
    browser.must_say("“<script>alert(1)</script>” is ready");
    assert!(!browser.answer.body.contains("<script>alert"));
    assert_eq!(factors_of(&app, MUST).await[0].name, "<script>alert(1)</script>");
}

/// Unique, case apart, over everything the person has.
#[tokio::test]
async fn a_name_that_is_taken_is_refused() {
    let app = TestApp::spawn().await;
    // A user-level phone does not count in an organization that wants its own.
    let mut browser = app.after_password(BY_PHONE, "fromano").await;
    app.second_step(&mut browser, "fromano").await;
    browser.must_be_at("/security/setup");
    let name = factors_of(&app, "fromano").await[0].name.to_uppercase();
    enroll(&app, &mut browser, &name).await;
    browser.must_say("You already have a device of this name");
}

/// ASVS 6.5.1, 15.4.2.
#[tokio::test]
async fn two_saves_at_once_make_one_factor() {
    let app = TestApp::spawn().await;
    let browser = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    let code = code(&app, &key(&browser), 0);
    let posts = (0..8).map(|_| {
        let (mut browser, code) = (browser.clone(), code.clone());
        async move { browser.post_only("/security/setup", &[("code", &code), ("device_name", "Phone")]).await }
    });
    let answers = futures_util::future::join_all(posts).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200 && a.page().has("#codes")).count(), 1);
    assert_eq!(factors_of(&app, MUST).await.len(), 1);
    assert_eq!(app.count_of(MUST, "factor_added").await, 1);
    assert_eq!(app.audited(MUST, "recovery_codes_made", "success").await, 1);
}

/// SECURITY: the enrolment secret is bound to its session.
#[tokio::test]
async fn a_key_is_worth_nothing_in_another_session() {
    let app = TestApp::spawn().await;
    let first = app.after_password(BY_PHONE, MUST).await;
    let mut second = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    save(&mut second, &code(&app, &key(&first), 0), "Phone").await;
    second.must_say("That code does not match");
}

/// ASVS 7.4.3: what was opened without the factor ends with it.
#[tokio::test]
async fn other_sessions_end_when_an_authenticator_is_saved() {
    let app = TestApp::spawn().await;
    let mut other = app.after_password(BY_PHONE, MUST).await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    enroll(&app, &mut browser, "Phone").await;
    other.get("/security/setup").await;
    other.must_be_at("/login?return_to=%2Fsecurity%2Fsetup");
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
}

/// ASVS 3.5.1, 15.3.3.
#[tokio::test]
async fn nothing_is_saved_without_the_token_or_with_fields_of_ones_own() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, MUST).await;
    app.mid_step();
    let code = code(&app, &key(&browser), 0);
    let own = [("code", code.as_str()), ("device_name", "Phone"), ("timestamp", "0")];
    assert_eq!(browser.post_only("/security/setup", &own).await.status, 400);
    let form: Vec<(String, String)> =
        [("code", code.as_str()), ("device_name", "Phone")].map(|(k, v)| (k.into(), v.into())).into();
    let bare = browser.ask(reqwest::Method::POST, "/security/setup", &[], Some(&form)).await;
    assert_eq!(bare.status, 403);
    assert!(factors_of(&app, MUST).await.iter().all(|f| f.confirmed_at.is_none()));
}
