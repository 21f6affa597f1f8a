//! **Registration Error** and **Reset**, and the states of an account on the road.

use super::*;
use crate::support::BY_EMAIL;

async fn reset(app: &TestApp, username: &str) -> String {
    let mut browser = app.browser();
    browser.get("/register/reset").await;
    browser.fill("Username", username).click("Submit").await;
    browser.must_say("Check your e-mail");
    browser.answer.body.clone()
}

/// G8.
#[tokio::test]
async fn reset_answers_alike_for_known_and_unknown_usernames() {
    let app = TestApp::spawn().await;
    app.started(HARBOR, &ADA).await;
    let unknown = reset(&app, "nobody.at-all").await;
    let before = app.outbox().await.len();
    for username in ["member.none", "disabled", "nobody"] {
        assert_eq!(reset(&app, username).await, unknown);
    }
    assert_eq!(app.outbox().await.len(), before, "no mail to them");
    for username in [ADA.username, "unfinished", "invited"] {
        assert_eq!(reset(&app, username).await, unknown);
    }
    assert_eq!(app.outbox().await.len(), before + 3);
    assert_eq!(app.mails_to(ADA.email).await[0].kind, "registration_reset");
    assert_eq!(app.outbox_of("unfinished").await.len(), 1);
}

/// State started: the password is none yet, so the generic error; unfinished: Registration Error.
#[tokio::test]
async fn sign_in_answers_by_the_state_of_the_registration() {
    let app = TestApp::spawn().await;
    app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(ADA.email, PASSWORD).await;
    browser.must_say("The email address or password is not right.");

    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(&app.email("unfinished"), "not the password at all").await;
    browser.must_say("The email address or password is not right.");
    let before = app.app.core.hasher.calls();
    browser.sign_in_as(&app.email("unfinished"), &app.password("unfinished")).await;
    browser.must_be_at("/register/error").must_say("Registration Error");
    assert_eq!(app.app.core.hasher.calls(), before + 1);
    browser.get("/home").await;
    assert!(browser.path().starts_with("/login"));
}

/// Unfinished: the link goes on after the password, or with another one.
#[tokio::test]
async fn somebody_unfinished_goes_on_where_they_were() {
    let app = TestApp::spawn().await;
    reset(&app, "unfinished").await;
    let link = app.link_to(&app.email("unfinished")).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.click("Email").await;
    browser.must_be_at("/register/password");
    browser.fill("Password", "wrong one").click("Continue").await;
    browser.must_say("The password is not right");
    browser.fill("Password", &app.password("unfinished")).click("Continue").await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    browser.get(&link).await;
    browser.must_say("This link has expired");
}

#[tokio::test]
async fn somebody_unfinished_who_forgot_the_password_chooses_another() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_terms(HARBOR, &ADA).await;
    reset(&app, ADA.username).await;
    let link = app.link_to(ADA.email).await;
    let mut other = app.browser();
    other.get(&link).await;
    other.click("Email").await;
    other.click("Choose a new password").await;
    other.must_say("You can now continue.");
    create(&mut other, "another road with 7 lanterns").await;
    agree(&mut other).await;
    other.must_be_at("/home");
    browser.refresh().await;
    browser.must_be_at("/login");
}

/// Invited: the mailed link leads into the same road, with name and address known.
#[tokio::test]
async fn somebody_invited_gets_in_by_the_same_road() {
    let app = TestApp::spawn().await;
    reset(&app, "invited").await;
    let email = app.email("invited");
    let link = app.link_to(&email).await;
    let mut browser = app.browser();
    app.verify_address(&mut browser, &link, &email, "Email").await;
    create(&mut browser, PASSWORD).await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    let mut again = app.browser();
    again.choose(BY_EMAIL, false).await;
    again.sign_in_as(&email, PASSWORD).await;
    again.must_be_at("/login/verify/email");
}

/// SPEC section 3: erased after seven days, also where the sweep comes late.
#[tokio::test]
async fn a_registration_is_over_after_seven_days() {
    let app = TestApp::spawn().await;
    app.started(HARBOR, &ADA).await;
    app.later(7 * 24 * 3600 - 600);
    reset(&app, ADA.username).await;
    let link = app.link_to(ADA.email).await;
    assert_eq!(app.mails_to(ADA.email).await.len(), 2);
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    app.later(660);
    browser.get(&link).await;
    browser.must_say("This link has expired");
    browser.click("Get a new link").await;
    reset(&app, ADA.username).await;
    assert_eq!(app.mails_to(ADA.email).await.len(), 2, "nothing is sent any more");
}
