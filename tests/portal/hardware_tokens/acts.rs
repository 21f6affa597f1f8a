use futures_util::future::join_all;
use vestibule::models::{FactorState, messages};

use super::{LIST, code};
use crate::support::{BY_PHONE, Browser, TestApp, other_than};

/// Types a code where a sign-in asks for one.
async fn enter(browser: &mut Browser, code: &str) {
    browser.must_be_at("/login/verify/authenticator");
    browser.fill("Verification Code", code).click("Verify Code").await;
}

#[tokio::test]
async fn a_token_is_assigned_activated_and_signs_in() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut browser = app.at_token("VT-201601").await;
    let path = browser.path().to_owned();
    browser.fill("Username", "khollis").click("Assign").await;
    browser.must_say("No user of this organization has this username.");
    browser.fill("Username", " Member.None ").click("Assign").await;
    browser.must_be_at(&path).must_say("The token was assigned.").must_say("Carla Esposito").must_say("SHA-256");
    // Assigned is not in use: no second step is asked yet.
    let mut owner = app.after_password(BY_PHONE, "member.none").await;
    owner.must_be_at("/home");
    let key = app.spare_key("VT-201601");
    browser.fill("Code from the token", &other_than(&code(&app, &key, true, 0))).click("Activate").await;
    browser.must_say("That code does not match.");
    browser.fill("Code from the token", &code(&app, &key, true, 0)).click("Activate").await;
    browser.must_be_at(&path).must_say("The token was activated.").must_say("Active");
    // What was opened without it has ended.
    owner.get("/home").await;
    owner.must_be_at("/login");
    for kind in ["hardware_token_assigned", "hardware_token_activated"] {
        assert_eq!(app.count_of("member.none", kind).await, 1, "{kind}");
        assert_eq!(app.audited("member.none", kind, "success").await, 1, "{kind}");
    }
    assert_eq!(app.audited("member.none", "hardware_token_activated", "failure").await, 1);
    let id = app.user_id("member.none");
    let told = app.read(move |conn| Ok(messages::list(conn, &id, None, 10)?)).await;
    assert_eq!(told.iter().filter(|m| m.subject.contains("hardware token")).count(), 2);
    // The code that activated it signs nobody in; the next one does.
    let mut owner = app.after_password(BY_PHONE, "member.none").await;
    enter(&mut owner, &code(&app, &key, true, 0)).await;
    owner.must_be_at("/login/verify/authenticator");
    app.later(60);
    enter(&mut owner, &code(&app, &key, true, 0)).await;
    owner.must_be_at("/home");
}

/// ASVS 6.5.1: of fifty posts of one code at once, one puts the token into use.
#[tokio::test]
async fn fifty_posts_of_one_code_activate_once() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut browser = app.at_token("VT-201501").await;
    let path = browser.path().to_owned();
    browser.fill("Username", "member.none").click("Assign").await;
    let right = code(&app, &app.spare_key("VT-201501"), false, 0);
    let posts = (0..50).map(|_| {
        let (mut copy, path, code) = (browser.clone(), format!("{path}/activate"), right.clone());
        async move { copy.post_in_console(&path, &[("code", code.as_str())]).await }
    });
    let answers = join_all(posts).await;
    assert_eq!(answers.iter().filter(|a| a.status == 303).count(), 1);
    assert!(answers.iter().all(|a| a.status < 400));
    assert_eq!(app.count_of("member.none", "hardware_token_activated").await, 1);
}

#[tokio::test]
async fn wrong_codes_are_counted_and_held_up() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut browser = app.at_token("VT-201501").await;
    browser.fill("Username", "member.none").click("Assign").await;
    let key = app.spare_key("VT-201501");
    for _ in 0..5 {
        let wrong = other_than(&code(&app, &key, false, 0));
        browser.fill("Code from the token", &wrong).click("Activate").await;
        browser.must_say("That code does not match.");
    }
    browser.fill("Code from the token", &code(&app, &key, false, 0)).click("Activate").await;
    browser.must_say("Too many tries.");
    assert_eq!(app.token("VT-201501").await.1.map(|h| h.state), Some(FactorState::Pending));
}

/// N3: a deactivated token's code is refused at sign-in; N1: it is still assigned, and a valid code puts
/// it into use again.
#[tokio::test]
async fn a_deactivated_token_opens_nothing_until_it_is_activated_again() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let serial = "VT-201409";
    let mut owner = app.signed_in("token").await;
    let mut browser = app.at_token(serial).await;
    let path = browser.path().to_owned();
    browser.must_say("Viktor Horvath").must_say("Active");
    browser.click("Deactivate").await;
    browser.must_be_at(&path).must_say("Deactivated").must_say("Viktor Horvath");
    owner.get("/home").await;
    owner.must_be_at("/login");
    // Nothing else is set up and nothing is required, so the password is enough; the code opens nothing.
    app.later(60);
    let mut after = app.after_password(BY_PHONE, "token").await;
    after.must_be_at("/home");
    let right = app.totp("token", "hardware_token", 0);
    let answer = after.post_only("/login/verify/authenticator", &[("code", right.as_str())]).await;
    assert_eq!(answer.location(), Some("/home"), "there is no second step to go through");
    assert_eq!(app.audited("token", "hardware_token_deactivated", "success").await, 1);
    browser.fill("Code from the token", &app.totp("token", "hardware_token", 0)).click("Activate").await;
    browser.must_be_at(&path).must_say("Active");
    app.later(30);
    let mut owner = app.signed_in("token").await;
    owner.get("/home").await;
    owner.must_be_at("/home");
}

/// N3, with another factor beside the token: its code is a wrong one.
#[tokio::test]
async fn the_code_of_a_deactivated_token_is_wrong_at_sign_in() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let key = app.spare_key("VT-201501");
    let mut browser = app.at_token("VT-201501").await;
    browser.fill("Username", "app.only").click("Assign").await;
    browser.fill("Code from the token", &code(&app, &key, false, 0)).click("Activate").await;
    // A reset, as the rules leave it: the factor says it all.
    let factor = app.token("VT-201501").await.1.expect("it is assigned").factor_id;
    app.sql(format!("UPDATE factors SET state = 'deactivated' WHERE id = '{factor}'")).await;
    browser.refresh().await;
    browser.must_say("Deactivated").must_say("Jonah Fitzgerald");
    app.later(60);
    let mut owner = app.after_password(BY_PHONE, "app.only").await;
    enter(&mut owner, &code(&app, &key, false, 0)).await;
    owner.must_be_at("/login/verify/authenticator");
    assert_eq!(app.open_sessions("app.only").await, 0);
    browser.fill("Code from the token", &code(&app, &key, false, 0)).click("Activate").await;
    browser.must_say("The token was activated.");
    app.later(30);
    let mut owner = app.after_password(BY_PHONE, "app.only").await;
    enter(&mut owner, &code(&app, &key, false, 0)).await;
    owner.must_be_at("/home");
}

#[tokio::test]
async fn a_lost_token_is_refused_at_once_and_can_be_found_again() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_PHONE, true, "token").await;
    let mut half = app.after_password(BY_PHONE, "token").await;
    let mut browser = app.at_token("VT-201409").await;
    let path = browser.path().to_owned();
    browser.click("Mark as lost").await;
    browser.must_be_at(&path).must_say("marked as lost").must_say("Nobody");
    app.later(30);
    let code_now = app.totp("token", "hardware_token", 0);
    half.fill("Verification Code", &code_now).click("Verify Code").await;
    assert_ne!(half.path(), "/home");
    remembered.get("/home").await;
    remembered.must_be_at("/login");
    remembered.click(BY_PHONE).await;
    assert_ne!(remembered.path(), "/home", "the browser is not remembered any more");
    assert_eq!(app.count_of("token", "hardware_token_lost").await, 1);
    browser.click("Make available").await;
    browser.must_be_at(&path).must_say("Available");
    // Its last step was kept: the code that was current before is worth nothing to the next owner.
    assert!(app.token("VT-201409").await.0.last_step > 0);
    browser.fill("Username", "member.none").click("Assign").await;
    browser.must_say("Carla Esposito");
    browser.click("Make available").await;
    browser.must_say("Available").must_say("Nobody");
    assert_eq!(app.count_of("member.none", "hardware_token_taken_back").await, 1);
}

/// What fits the state is offered; the rest is refused, also when it is posted all the same.
#[tokio::test]
async fn an_act_wants_the_state_it_needs() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_token("VT-201409").await;
    let path = browser.path().to_owned();
    for (act, fields) in [("assign", vec![("username", "member.none")]), ("activate", vec![("code", "123456")])] {
        let answer = browser.post_in_console(&format!("{path}/{act}"), &fields).await;
        assert!(answer.body.contains("The token has changed meanwhile."), "{act}: {}", answer.page().text());
    }
    let free = app.token("VT-201501").await.0.id;
    for act in ["deactivate", "available"] {
        let answer = browser.post_in_console(&format!("{LIST}/{free}/{act}"), &[]).await;
        assert!(answer.body.contains("The token has changed meanwhile."), "{act}");
    }
}

/// Nobody acts on a higher role, and nobody takes their own token out of use here.
#[tokio::test]
async fn roles_and_oneself_are_looked_at() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let mut owner = app.at_token("VT-201502").await;
    owner.fill("Username", "owner.two").click("Assign").await;
    let key = app.spare_key("VT-201502");
    owner.fill("Code from the token", &code(&app, &key, false, 0)).click("Activate").await;
    owner.must_say("The token was activated.");
    let path = owner.path().to_owned();
    for button in ["Deactivate", "Mark as lost", "Make available"] {
        owner.click(button).await;
        owner.must_say("This is your own token.");
        owner.get(&path).await;
    }
    let mut admin = app.signed_in("admin").await;
    admin.get(&path).await;
    for button in ["Deactivate", "Mark as lost", "Make available"] {
        admin.click(button).await;
        admin.must_say("This user's role is higher than yours.");
        admin.get(&path).await;
    }
    assert_eq!(app.token("VT-201502").await.1.map(|h| h.state), Some(FactorState::Active));
}
