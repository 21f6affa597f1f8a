//! The link from the e-mail.

use reqwest::Method;
use time::Duration;
use vestibule::models::links;
use vestibule::secrets::key_ring::sha256;

use super::*;

/// G4: mail scanners open links too.
#[tokio::test]
async fn a_link_opened_a_hundred_times_is_still_good() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let mut scanner = app.browser();
    for n in 0..100 {
        let method = if n % 2 == 0 { Method::GET } else { Method::HEAD };
        let answer = scanner.ask(method, &link, &[], None).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/register/method")));
    }
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    let cookie = browser.answer.set_cookies().join("");
    assert!(!browser.path().contains("continue") && !cookie.contains("registration="));
}

/// G4: 19:59 and 20:01 by the clock of the link itself.
/// ASVS 6.4.1; NIST 4.2.1.2.
#[tokio::test]
async fn a_link_is_good_at_19_59_and_refused_at_20_01() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let row = app.read(move |conn| Ok(links::find_by_hash(conn, &sha256(&token))?)).await.expect("a link");
    assert_eq!(row.expires_at - row.created_at, Duration::minutes(20));
    let mut browser = app.browser();
    app.until(row.created_at + Duration::seconds(1_199)).await;
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    app.until(row.created_at + Duration::seconds(1_201)).await;
    browser.get(&link).await;
    browser.must_be_at(&link).must_say("This link has expired");
}

/// G4: 20 minutes by the clock.
#[tokio::test]
async fn a_link_works_for_twenty_minutes() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    app.at(1_199 - 30);
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    app.at(1_201);
    browser.get(&link).await;
    browser.must_say("This link has expired. Links work for 20 minutes. Get a new link.");
    browser.click("Get a new link").await;
    browser.must_say("Check your e-mail");
    let newer = app.link_to(ADA.email).await;
    assert_ne!(newer, link);
    browser.get(&newer).await;
    browser.must_be_at("/register/method");
}

#[tokio::test]
async fn a_new_link_kills_the_old_one_also_where_it_is_open() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    let mut other = app.browser();
    other.get("/register/reset").await;
    other.fill("Username", ADA.username).click("Submit").await;
    browser.refresh().await;
    browser.must_be_at("/register/error");
    browser.get(&link).await;
    browser.must_say("This link has expired");
}

#[tokio::test]
async fn an_unknown_link_answers_like_one_that_is_over() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    app.at(1_300);
    let mut browser = app.browser();
    browser.get(&link).await;
    let over = browser.answer.body.replace(&link, "LINK");
    let unknown = format!("/register/continue/{}", "A".repeat(43));
    browser.get(&unknown).await;
    assert_eq!(browser.answer.body.replace(&unknown, "LINK"), over);
    browser.click("Get a new link").await;
    browser.must_say("Check your e-mail");
}

#[tokio::test]
async fn half_an_hour_of_standing_still_is_a_registration_error() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    app.at(1_700);
    browser.click("Email").await;
    browser.must_be_at("/register/email");
    app.at(3_400);
    browser.refresh().await;
    browser.must_be_at("/register/email");
    app.at(3_600);
    browser.refresh().await;
    browser.must_be_at("/register/error").must_say("Registration Error");
    browser.click("Reset").await;
    browser.fill("Username", ADA.username).click("Submit").await;
    browser.must_say("Check your e-mail");
    let link = app.link_to(ADA.email).await;
    browser.get(&link).await;
    browser.must_be_at("/register/method");
}

/// ASVS 2.3.1.
#[tokio::test]
async fn steps_out_of_order_are_a_registration_error() {
    let app = TestApp::spawn().await;
    for path in ["/register/method", "/register/email", "/register/password", "/register/username", "/register/phone"] {
        let mut browser = app.browser();
        browser.get(path).await;
        browser.must_be_at("/register/error");
    }
    let link = app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.get("/register/email").await;
    browser.must_be_at("/register/error");
    browser.get("/register/method").await;
    let fields = [("new_password", PASSWORD), ("confirm_password", PASSWORD)];
    browser.post("/register/email/create", &fields).await;
    browser.must_be_at("/register/error");
    assert!(app.user(ADA.username).await.is_none());
}
