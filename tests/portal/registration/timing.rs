//! No time tells a stranger whether a username, an address or an NPI is known. ASVS 6.3.8.

use std::time::{Duration, Instant};

use super::*;
use crate::support::timing::must_take_as_long;

/// What one post takes in a browser that has the page.
async fn took(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Duration {
    let begun = Instant::now();
    let answer = browser.post_only(path, fields).await;
    let took = begun.elapsed();
    assert!([200, 303].contains(&answer.status), "{path} answers {}", answer.status);
    took
}

/// G8.
#[tokio::test]
async fn reset_takes_as_long_for_known_and_unknown_usernames() {
    let app = TestApp::spawn().await;
    app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.get("/register/reset").await;
    let kinds = ["started", "unfinished", "invited", "member.none", "nobody"];
    must_take_as_long(&kinds, async |kind, n| {
        app.forget_limits("register:").await;
        let nobody = format!("nobody.{n}");
        let username = match kind {
            "started" => ADA.username,
            "nobody" => &nobody,
            kind => kind,
        };
        took(&mut browser, "/register/reset", &[("username", username)]).await
    })
    .await;
}

/// The same once nothing more is mailed.
#[tokio::test]
async fn reset_takes_as_long_for_a_mailbox_that_had_its_share() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/register/reset").await;
    for _ in 0..6 {
        browser.post_only("/register/reset", &[("username", "unfinished")]).await;
    }
    must_take_as_long(&["unfinished", "nobody"], async |username, _| {
        took(&mut browser, "/register/reset", &[("username", username)]).await
    })
    .await;
}

/// G2.
#[tokio::test]
async fn a_wrong_code_takes_as_long_for_known_and_unknown_npis() {
    let app = TestApp::spawn().await;
    let (organization, code) = app.organization(HARBOR).await;
    let known = organization.npi.expect("an NPI");
    let mut browser = app.browser();
    browser.get("/register").await;
    must_take_as_long(&["known", "foreign code", "unknown"], async |kind, n| {
        app.forget_limits("register:").await;
        let wrong = format!("WRONG{n}");
        let (npi, typed) = match kind {
            "known" => (known.as_str(), wrong.as_str()),
            "foreign code" => ("1679576722", code.as_str()),
            _ => ("1679576722", wrong.as_str()),
        };
        took(&mut browser, "/register", &[("npi", npi), ("code", typed)]).await
    })
    .await;
}

#[tokio::test]
async fn details_take_as_long_for_known_and_unknown_people() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_details(HARBOR).await;
    let (taken, known) = (app.email("owner.one"), app.email("invited"));
    must_take_as_long(&["known username", "known address", "invited", "unknown"], async |kind, n| {
        app.forget_limits("register:").await;
        let (new, mail) = (format!("new.{n}"), format!("new.{n}@nowhere.example"));
        let (username, email) = match kind {
            "known username" => ("owner.one", &mail),
            "known address" => (new.as_str(), &taken),
            "invited" => ("invited", &known),
            _ => (new.as_str(), &mail),
        };
        let fields = [
            ("username", username),
            ("first_name", "Ada"),
            ("last_name", "Núñez"),
            ("email", email),
            ("confirm_email", email),
            ("fax", "6015550199"),
        ];
        took(&mut browser, "/register/details", &fields).await
    })
    .await;
}
