//! The secret is replaced at each use; one that was replaced and comes back ends the family.

use crate::support::{BY_PHONE, Browser, TestApp};

/// A browser that is remembered, and a thief's copy of it from before the next use.
async fn stolen(app: &TestApp) -> (Browser, Browser) {
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.close_and_reopen();
    let thief = browser.clone();
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/home");
    assert_ne!(browser.cookie("remember"), thief.cookie("remember"), "replaced at its use");
    (browser, thief)
}

/// SECURITY section 2
#[tokio::test]
async fn a_replaced_secret_that_comes_back_ends_the_family() {
    let app = TestApp::spawn().await;
    let (mut owner, mut thief) = stolen(&app).await;
    app.later(11);
    thief.choose(BY_PHONE, true).await;
    thief.must_be_at("/login/phone");
    owner.get("/home").await;
    assert_eq!(owner.path(), "/login", "the session born from it is gone");
    owner.choose(BY_PHONE, true).await;
    owner.must_be_at("/login/phone");
    assert_eq!(app.audited("phone.only", "remembered_browser_replayed", "refused").await, 1);
}

/// The other way round: the thief was first.
#[tokio::test]
async fn the_family_ends_too_when_the_owner_comes_second() {
    let app = TestApp::spawn().await;
    let mut owner = app.browser();
    app.sign_in(&mut owner, BY_PHONE, true, "phone.only").await;
    owner.close_and_reopen();
    let mut thief = owner.clone();
    thief.choose(BY_PHONE, true).await;
    thief.must_be_at("/home");
    app.later(3600);
    owner.choose(BY_PHONE, true).await;
    owner.must_be_at("/login/phone");
    thief.get("/home").await;
    assert_eq!(thief.path(), "/login");
    thief.choose(BY_PHONE, true).await;
    thief.must_be_at("/login/phone");
}

/// Clearing the box is no way around it.
#[tokio::test]
async fn a_replaced_secret_ends_the_family_with_the_box_cleared_as_well() {
    let app = TestApp::spawn().await;
    let (mut owner, mut thief) = stolen(&app).await;
    app.later(11);
    thief.choose(BY_PHONE, false).await;
    owner.get("/home").await;
    assert_eq!(owner.path(), "/login");
}

/// SECURITY section 2: ten seconds for requests side by side.
#[tokio::test]
async fn requests_side_by_side_are_no_replay() {
    let app = TestApp::spawn().await;
    let (mut owner, mut second) = stolen(&app).await;
    app.later(5);
    second.choose(BY_PHONE, true).await;
    second.must_be_at("/home");
    app.later(20);
    owner.close_and_reopen();
    owner.choose(BY_PHONE, true).await;
    owner.must_be_at("/home");
}

/// Two clicks at once, and whichever cookie comes out, the browser goes on.
#[tokio::test]
async fn two_clicks_at_once_both_get_in_and_the_next_one_too() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.close_and_reopen();
    browser.get("/login").await;
    let clicks = (0..5).map(|_| {
        let mut copy = browser.clone();
        async move {
            let answer = copy.post_only("/login", &[("option", "phone"), ("remember", "1")]).await;
            (answer.location().map(str::to_owned), copy)
        }
    });
    let done = futures_util::future::join_all(clicks).await;
    assert!(done.iter().all(|(to, _)| to.as_deref() == Some("/home")));
    let renewed: Vec<&Browser> =
        done.iter().map(|(_, b)| b).filter(|b| b.cookie("remember") != browser.cookie("remember")).collect();
    assert_eq!(renewed.len(), 1, "one new secret");
    let mut next = renewed[0].clone();
    app.later(60);
    next.close_and_reopen();
    next.choose(BY_PHONE, true).await;
    next.must_be_at("/home");
}
