//! The reset link, the password, and what is left afterwards.

use reqwest::Method;

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

/// E7, E10: everything goes, everybody is told once, set-up is demanded where no organization does.
/// NIST 4.2.3, 4.6.
#[tokio::test]
async fn the_whole_way_removes_every_factor_and_leads_to_set_up() {
    let app = TestApp::spawn().await;
    let mut elsewhere = app.browser();
    app.sign_in(&mut elsewhere, BY_EMAIL, true, "all.factors").await;
    assert!(factors(&app, "all.factors").await >= 3);
    let mut browser = at_the_password(&app, "all.factors").await;
    assert_eq!(app.count_of("all.factors", "self_reset_ready").await, 1);
    browser.must_say("This removes every factor of your account");
    let password = app.password("all.factors");
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login").must_say("Your factors were removed");
    assert_eq!((factors(&app, "all.factors").await, state(&app, "all.factors").await), (0, "done".into()));
    elsewhere.get("/home").await;
    elsewhere.must_be_at("/login");

    assert_eq!(app.count_of("all.factors", "self_reset_done").await, 1);
    for admin in ["admin", "owner.one", "owner.two"] {
        assert_eq!(app.count_of(admin, "self_reset_done_admin").await, 1, "{admin}");
    }
    for other in ["operator", "phone.only", "technician"] {
        assert_eq!(app.count_of(other, "self_reset_done_admin").await, 0, "{other}");
    }
    assert_eq!(app.audited("all.factors", "self_reset_done", "success").await, 1);

    // Every list says so.
    let people: serde_json::Value = app.json("/sandbox/people.json").await;
    let people = people["people"].as_array().expect("people");
    let person = people.iter().find(|p| p["username"] == "all.factors").expect("a person");
    assert_eq!(person["memberships"][0]["mfa_status"], "set-up pending");

    let mut again = app.after_password(BY_PHONE, "all.factors").await;
    again.must_be_at("/security/setup");
    again.get("/home").await;
    again.must_be_at("/security/setup");
}

/// E10: what was set up afterwards ends the demand.
#[tokio::test]
async fn who_has_set_up_a_factor_is_asked_for_it_from_then_on() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    let password = app.password("phone.only");
    browser.fill("Password", &password).click("Remove my factors").await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.must_be_at("/security/setup");
    crate::set_up::enroll(&app, &mut browser, "New phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home");
    browser.get("/messages").await;
    browser.must_say("You have reset your factors");
    let id = app.user_id("phone.only");
    let user = app.read(move |conn| Ok(vestibule::models::users::find(conn, &id)?)).await.expect("a user");
    assert!(!user.set_up_demanded);
    app.after_password(BY_PHONE, "phone.only").await.must_be_at("/login/verify/authenticator");
}

/// E10: pauses and switched-off authenticators are gone, tokens stay assigned.
#[tokio::test]
async fn who_was_locked_is_unlocked_and_a_token_has_to_be_activated_again() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "locked").await;
    let password = app.password("locked");
    browser.fill("Password", &password).click("Remove my factors").await;
    app.after_password(BY_PHONE, "locked").await.must_be_at("/security/setup");

    let mut browser = at_the_password(&app, "token").await;
    let password = app.password("token");
    browser.fill("Password", &password).click("Remove my factors").await;
    let id = app.user_id("token");
    let rows = app.read(move |conn| Ok(vestibule::models::factors::list(conn, &id)?)).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].state, vestibule::models::FactorState::Deactivated);
    app.after_password(BY_PHONE, "token").await.must_be_at("/security/setup");
}

/// Factors of an organization go too.
#[tokio::test]
async fn organization_level_factors_go_too() {
    let app = TestApp::spawn().await;
    assert_eq!(factors(&app, "sabebe").await, 2);
    let mut browser = at_the_password(&app, "sabebe").await;
    let password = app.password("sabebe");
    browser.fill("Password", &password).click("Remove my factors").await;
    assert_eq!(factors(&app, "sabebe").await, 0);
    assert_eq!(app.count_of("hklein", "self_reset_done_admin").await, 1);
}

/// A sole owner's own: the operators are told, besides whoever administers there too.
#[tokio::test]
async fn the_operators_are_told_where_nobody_else_administers() {
    let app = TestApp::spawn().await;
    let technician = app.user_id("technician");
    app.sql(format!("DELETE FROM memberships WHERE user_id = '{technician}'")).await;
    let mut browser = at_the_password(&app, "sole.owner").await;
    let password = app.password("sole.owner");
    browser.fill("Password", &password).click("Remove my factors").await;
    assert_eq!(app.count_of("operator", "self_reset_done_admin").await, 1);
    assert_eq!(app.count_of("sole.owner", "self_reset_done_admin").await, 0);
}

/// E8: the page says so, factors stay, and there is a way on.
/// NIST 4.2.1.2.
#[tokio::test]
async fn an_expired_reset_link_says_so_and_a_new_one_may_be_sent() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    let old = link(&app, "phone.only", "self_reset_ready").await;
    app.later(15 * 60 + 1);
    let password = app.password("phone.only");
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_say("This link has expired. Reset links work for 15 minutes, and once.");
    assert_eq!(factors(&app, "phone.only").await, 1);
    browser.get(&old).await;
    browser.must_say("This link has expired");
    browser.click("Back to the steps").await;
    browser.must_say("has expired").must_say("Step 4 of 6");
    browser.click("Send a new reset link").await;
    browser.must_say("It works until");
    let new = link(&app, "phone.only", "self_reset_ready").await;
    assert_ne!(old, new);
    for _ in 0..2 {
        browser.click("Send a new reset link").await;
    }
    browser.click("Send a new reset link").await;
    assert_eq!(browser.status(), 429);
    browser.must_say("We can send another one at");
    browser.get(&new).await;
    browser.must_say("This link has expired");
    browser.get(&link(&app, "phone.only", "self_reset_ready").await).await;
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login");
}

/// E9: counted as at sign-in, and nothing is lost.
#[tokio::test]
async fn a_wrong_password_is_counted_and_leaves_everything_as_it_was() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    browser.fill("Password", "").click("Remove my factors").await;
    browser.must_say("Enter your password.");
    let before = app.app.core.hasher.calls();
    for n in 0..6 {
        browser.get("/mfa/reset/finish").await;
        browser.fill("Password", "Not-the-password-1").click("Remove my factors").await;
        assert_eq!(browser.status(), if n < 5 { 200 } else { 429 }, "{n}");
    }
    assert!((5..=6).contains(&(app.app.core.hasher.calls() - before)), "one hash each, none while it is delayed");
    assert_eq!((factors(&app, "phone.only").await, state(&app, "phone.only").await), (1, "ready".into()));
    app.later(10);
    let password = app.password("phone.only");
    browser.get("/mfa/reset/finish").await;
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login");
}

/// ASVS 6.5.1: opening consumes nothing; twenty posts at once finish once.
#[tokio::test]
async fn the_reset_link_works_once() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    let link = link(&app, "phone.only", "self_reset_ready").await;
    for method in [Method::GET, Method::HEAD, Method::GET] {
        assert_eq!(browser.ask(method, &link, &[], None).await.status, 303);
    }
    let password = app.password("phone.only");
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (mut copy, password) = (browser.clone(), password.clone());
        posts.spawn(async move { copy.post_only("/mfa/reset/finish", &[("password", &password)]).await.status });
    }
    let statuses = posts.join_all().await;
    assert_eq!(statuses.iter().filter(|s| **s == 303).count(), 1, "{statuses:?}");
    assert_eq!(app.audited("phone.only", "self_reset_done", "success").await, 1);
    assert_eq!(app.count_of("phone.only", "self_reset_done").await, 1);
    browser.get(&link).await;
    browser.must_say("This reset is finished");
}

/// ASVS 2.3.1: no step before its turn, and no secret stays in the address bar.
/// ASVS 14.2.1.
#[tokio::test]
async fn steps_out_of_order_lead_nowhere() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    assert!(!browser.path().contains("continue"));
    browser.get("/mfa/reset/finish").await;
    browser.must_say("This link has expired");
    browser.get("/mfa/reset/progress").await;
    let password = app.password("phone.only");
    for (path, fields) in [("/mfa/reset/finish", vec![("password", password.as_str())]), ("/mfa/reset/link", vec![])] {
        browser.get("/mfa/reset/progress").await;
        browser.post(path, &fields).await;
        assert_eq!((factors(&app, "phone.only").await, state(&app, "phone.only").await), (1, "requested".into()));
    }
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
    for path in ["/mfa/reset/refresh", "/mfa/reset/link", "/mfa/reset/cancel", "/mfa/reset/identity"] {
        let mut stranger = app.browser();
        stranger.get("/mfa/reset").await;
        stranger.post(path, &[]).await;
        stranger.must_say("Open the link in your email");
    }
}
