//! Several people in one browser.

use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// S14
#[tokio::test]
async fn two_people_choose_who_it_is_and_neither_evicts_the_other() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.get("/login").await;
    browser.click("Sign in as somebody else").await;
    browser.sign_in_as(&app.email("owner.two"), &app.password("owner.two")).await;
    app.second_step(&mut browser, "owner.two").await;
    browser.must_be_at("/home").must_say("Margaret");
    for (name, says) in [("Marcus Tran", "Marcus"), ("Margaret Oyelaran", "Margaret"), ("Marcus Tran", "Marcus")] {
        browser.close_and_reopen();
        browser.get("/login").await;
        browser.click(BY_PHONE).await;
        browser.must_be_at("/login/phone").must_say("Choose who signs in").must_say("Sign in as somebody else");
        assert_eq!(browser.page().texts("button.choice strong").len(), 2);
        browser.click(name).await;
        browser.must_be_at("/home").must_say(says);
    }
}

/// S14, S19: the way to the password form keeps the others.
#[tokio::test]
async fn somebody_else_signs_in_beside_those_who_are_remembered() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for username in ["phone.only", "owner.two"] {
        browser.get("/login/phone?somebody=else").await;
        app.sign_in_there(&mut browser, username, true).await;
    }
    browser.close_and_reopen();
    browser.get("/login").await;
    browser.click(BY_PHONE).await;
    browser.click("Sign in as somebody else").await;
    browser.must_say("Sign in with your email address");
    app.sign_in_there(&mut browser, "member.none", false).await;
    browser.close_and_reopen();
    browser.get("/login").await;
    browser.click(BY_PHONE).await;
    let mut names = browser.page().texts("button.choice strong");
    names.sort();
    assert_eq!(names, ["Carla Esposito", "Marcus Tran", "Margaret Oyelaran"]);
}

/// The same person twice under one option is one entry to choose.
#[tokio::test]
async fn somebody_remembered_twice_is_listed_once() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for _ in 0..2 {
        browser.get("/login/phone?somebody=else").await;
        app.sign_in_there(&mut browser, "member.none", true).await;
        browser.close_and_reopen();
    }
    browser.get("/login").await;
    browser.click(BY_PHONE).await;
    browser.must_be_at("/home");
}

/// An entry of another browser, or of the other option, opens nothing.
#[tokio::test]
async fn nobody_is_entered_by_naming_an_entry_of_another_browser() {
    let app = TestApp::spawn().await;
    let mut mine = app.browser();
    app.sign_in(&mut mine, BY_PHONE, true, "phone.only").await;
    let selector = mine.cookie("remember").expect("a ticket").split('.').next().unwrap().to_owned();
    let mut other = app.browser();
    other.get("/login").await;
    other.post("/login/phone/person", &[("person", &selector)]).await;
    other.must_be_at("/login/phone");
    let secret = "A".repeat(43);
    other.set_cookie("remember", &format!("{selector}.{secret}"));
    mine.close_and_reopen();
    mine.get("/login").await;
    mine.post("/login/email/person", &[("person", &selector)]).await;
    mine.must_be_at("/login/email");
    mine.get("/login").await;
    mine.click(BY_EMAIL).await;
    mine.must_be_at("/login/email");
}
