//! Resetting one's own MFA: SPEC section 9, acceptance E1 to E12.

mod afterwards;
mod attackers;
mod cancels;
mod finishing;
mod request;
mod restarts;
mod reviews;
mod stripe;

use serde_json::{Value, json};

use crate::support::{Browser, TestApp};

const SENT: &str = "If that address has an account, we have sent a link to it.";

/// Asks for a link by an address.
async fn ask(app: &TestApp, email: &str) -> Browser {
    let mut browser = app.browser();
    browser.get("/mfa/reset").await;
    browser.fill("Email Address", email).click("Continue").await;
    browser
}

/// The path of the newest link of a kind that somebody was sent.
async fn link(app: &TestApp, username: &str, kind: &str) -> String {
    let newest = app.outbox_of(username).await.into_iter().find(|m| m.kind == kind);
    let link = newest.and_then(|m| m.link).unwrap_or_else(|| panic!("{username} was sent no {kind}"));
    path(app, &link)
}

fn path(app: &TestApp, url: &str) -> String {
    url.strip_prefix(&app.app.core.settings.public_url).expect("a link of ours").to_owned()
}

/// The link of **This wasn't me** in the newest mail of a kind.
async fn stop_link(app: &TestApp, username: &str, kind: &str) -> String {
    let newest = app.outbox_of(username).await.into_iter().find(|m| m.kind == kind).expect("a mail");
    let url = newest.text.split_whitespace().find(|word| word.contains("/mfa/reset/stop/")).expect("a way to stop it");
    path(app, url)
}

/// Up to the page of the request, by the e-mailed link.
async fn on_the_way(app: &TestApp, username: &str) -> Browser {
    ask(app, &app.email(username)).await.must_say(SENT);
    let mut browser = app.browser();
    browser.get(&link(app, username, "self_reset_link").await).await;
    browser.must_be_at("/mfa/reset/progress");
    browser
}

/// Begins the identity check; the id of the sandbox's session.
async fn begin(browser: &mut Browser) -> String {
    browser.get("/mfa/reset/progress").await;
    let controls = browser.page().controls();
    let words = ["Start identity check", "Go on with the identity check", "Try the identity check again"];
    let word = words.iter().find(|w| controls.iter().any(|c| c == *w)).expect("a way to the check");
    browser.click(word).await;
    browser.must_be_at("/mfa/reset/identity").must_say("You will leave for 127.0.0.1");
    let away = browser.page().attribute("a.btn-primary", "href").expect("a link away");
    away.split("/sandbox/identity/").nth(1).expect("the sandbox's page").to_owned()
}

/// Plays the document as a script does.
async fn play(app: &TestApp, id: &str, outcome: &str, names: Option<(&str, &str)>) {
    let mut body = json!({"outcome": outcome, "delay_seconds": 0});
    if let Some((first, last)) = names {
        body["first_name"] = Value::from(first);
        body["last_name"] = Value::from(last);
    }
    assert_eq!(app.script(&format!("/sandbox/identity/{id}"), body).await, 202);
}

/// Up to the form for the password, with a document in the account's own name.
async fn at_the_password(app: &TestApp, username: &str) -> Browser {
    let mut browser = on_the_way(app, username).await;
    let id = begin(&mut browser).await;
    play(app, &id, "verified", None).await;
    browser.get(&link(app, username, "self_reset_ready").await).await;
    browser.must_be_at("/mfa/reset/finish");
    browser
}

/// How many factors somebody has that can be shown.
async fn factors(app: &TestApp, username: &str) -> usize {
    let id = app.user_id(username);
    let rows = app.read(move |conn| Ok(vestibule::models::factors::list(conn, &id)?)).await;
    rows.iter().filter(|f| vestibule::domain::mfa::can_be_shown(f)).count()
}

/// Where the newest request of somebody stands.
async fn state(app: &TestApp, username: &str) -> String {
    rows(app, username).await.last().map(|r| r.state.as_str().to_owned()).unwrap_or_default()
}

/// Every request of somebody, oldest first.
async fn rows(app: &TestApp, username: &str) -> Vec<vestibule::models::self_resets::SelfReset> {
    let id = app.user_id(username);
    app.read(move |conn| Ok(vestibule::models::self_resets::list_of_user(conn, &id)?)).await
}
