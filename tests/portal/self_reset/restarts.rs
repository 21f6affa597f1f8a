//! A crash at each step: the request goes on at another node of the same database, which knows nothing
//! but what was committed. E3, E10.

use super::*;
use crate::support::BY_PHONE;
use crate::support::node::Node;

#[tokio::test]
async fn every_step_goes_on_at_a_node_that_was_started_after_it() {
    let app = TestApp::spawn().await;
    ask(&app, &app.email("phone.only")).await;
    let mut browser = app.browser();
    let go_on = link(&app, "phone.only", "self_reset_link").await;

    let second = Node::beside(&app).await;
    browser.move_to(&second.base);
    browser.get(&go_on).await;
    let id = begin(&mut browser).await;
    drop(second);

    let third = Node::beside(&app).await;
    browser.move_to(&third.base);
    browser.get("/mfa/reset/progress").await;
    browser.must_say("nothing was handed in yet");
    play(&app, &id, "verified", None).await;
    drop(third);

    let fourth = Node::beside(&app).await;
    browser.move_to(&fourth.base);
    browser.get("/mfa/reset/progress").await;
    browser.must_say("Step 4 of 6");
    browser.get(&link(&app, "phone.only", "self_reset_ready").await).await;
    drop(fourth);

    let fifth = Node::beside(&app).await;
    browser.move_to(&fifth.base);
    let password = app.password("phone.only");
    browser.get("/mfa/reset/finish").await;
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login");
    drop(fifth);

    assert_eq!(factors(&app, "phone.only").await, 0);
    for (username, kind) in [
        ("phone.only", "self_reset_link"),
        ("phone.only", "self_reset_ready"),
        ("phone.only", "self_reset_done"),
        ("admin", "self_reset_done_admin"),
        ("owner.one", "self_reset_done_admin"),
        ("owner.two", "self_reset_done_admin"),
    ] {
        assert_eq!(app.count_of(username, kind).await, 1, "{username}: {kind}");
    }
    app.after_password(BY_PHONE, "phone.only").await.must_be_at("/security/setup");
}

/// E10: a fault in the middle of the last step leaves all of it undone, and the same link works again.
/// ASVS 2.3.3.
#[tokio::test]
async fn a_fault_in_the_last_step_undoes_all_of_it_and_nobody_is_told_twice() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    let password = app.password("phone.only");
    // The entry of the act is the last that is written: it cannot be, so nothing is.
    let refuse = "CREATE TRIGGER no_entry BEFORE INSERT ON audit_entries WHEN NEW.action = 'self_reset_done'
                  BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    if app.app.config.database_url.expose().starts_with("sqlite:") {
        app.execute(refuse.to_owned()).await;
        browser.fill("Password", &password).click("Remove my factors").await;
        assert_eq!(browser.status(), 500);
        assert_eq!((factors(&app, "phone.only").await, state(&app, "phone.only").await), (1, "ready".into()));
        assert_eq!(app.count_of("admin", "self_reset_done_admin").await, 0);
        app.execute("DROP TRIGGER no_entry".to_owned()).await;
        browser.get("/mfa/reset/finish").await;
    }
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login");
    assert_eq!(factors(&app, "phone.only").await, 0);
    assert_eq!(app.count_of("phone.only", "self_reset_done").await, 1);
    assert_eq!(app.count_of("admin", "self_reset_done_admin").await, 1);
}
