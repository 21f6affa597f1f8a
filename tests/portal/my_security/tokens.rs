//! Hardware tokens: out of use, and into it again with a code.

use vestibule::models::FactorState;

use super::*;

/// SPEC section 5 and 7: deactivated, still assigned, activated again by a valid code; U19.
#[tokio::test]
async fn a_token_is_taken_out_of_use_and_activated_again() {
    let app = TestApp::spawn().await;
    let id = app.factor_id("token", "hardware_token");
    let mut browser = app.signed_in("token").await;
    browser.get(&format!("/security/factors/{id}/remove")).await;
    browser.must_say("It stays assigned to you");
    browser.click("Remove").await;
    browser.must_be_at("/security").must_say("Not active");
    assert_eq!(factors_of(&app, "token").await[0].state, FactorState::Deactivated);
    app.after_password(BY_PHONE, "token").await.must_be_at("/home");

    app.later(60);
    app.mid_step();
    browser.get("/security").await;
    browser.click("Activate").await;
    if browser.path().starts_with("/security/confirm") {
        app.confirm(&mut browser, "token").await;
    }
    browser.fill("Verification Code", &app.wrong_totp("token", "hardware_token")).click("Activate").await;
    browser.must_say("That code does not match");
    let code = app.totp("token", "hardware_token", 0);
    let path = format!("/security/tokens/{id}/activate");
    let posts = (0..50).map(|_| {
        let (mut copy, path, code) = (browser.clone(), path.clone(), code.clone());
        async move { copy.post_only(&path, &[("code", &code)]).await }
    });
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().all(|a| a.status < 500));
    assert_eq!(answers.iter().filter(|a| a.location() == Some("/security")).count(), 1);
    assert_eq!(factors_of(&app, "token").await[0].state, FactorState::Active);
    assert_eq!(app.count_of("token", "factor_added").await, 1);
    let mut again = app.after_password(BY_PHONE, "token").await;
    again.fill("Verification Code", &code).click("Verify Code").await;
    assert_ne!(again.path(), "/home", "its step is taken");
}

/// ASVS 6.6.3: ten wrong codes, whatever is tried and in how many sessions.
#[tokio::test]
async fn codes_are_tried_ten_times_and_no_more() {
    let app = TestApp::spawn().await;
    let id = app.factor_id("token", "hardware_token");
    let mut browser = app.signed_in("token").await;
    browser.get(&format!("/security/factors/{id}/remove")).await;
    browser.click("Remove").await;
    let wrong = app.wrong_totp("token", "hardware_token");
    let path = format!("/security/tokens/{id}/activate");
    for _ in 0..10 {
        assert_eq!(browser.post(&path, &[("code", &wrong)]).await.status, 200);
    }
    app.mid_step();
    let right = app.totp("token", "hardware_token", 0);
    assert_eq!(browser.post(&path, &[("code", &right)]).await.status, 429);
    browser.must_say("Too many tries.");
    assert_eq!(factors_of(&app, "token").await[0].state, FactorState::Deactivated);
}
