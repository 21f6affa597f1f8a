//! Set-up: demanded by an organization, or of one's own accord.

mod demanded;
mod enrolling;
mod entering;
mod methods;
mod voluntary;

use data_encoding::BASE32_NOPAD;
use vestibule::clock::unix;
use vestibule::domain::second_step::totp;
use vestibule::models::factors::{self, Factor};

use crate::support::{Browser, TestApp};

/// Nothing enrolled, in an organization that demands a second step.
const MUST: &str = "tbrooks";

/// The key on the page, as somebody types it.
pub fn key(browser: &Browser) -> String {
    browser.page().texts("#totp-key").first().expect("a key on the page").replace(' ', "")
}

/// What an app with this key shows, so many steps of 30 seconds from now.
pub fn code(app: &TestApp, key: &str, steps: i64) -> String {
    let secret = BASE32_NOPAD.decode(key.as_bytes()).expect("base32");
    let totp = totp::build(&secret, "SHA1", 6, 30).expect("a key of 20 bytes");
    let now = i64::try_from(unix(app.app.core.clock.now())).expect("a time after 1970");
    totp.generate((now + 30 * steps).unsigned_abs()).to_string()
}

/// A code that no step within two hours has.
pub fn wrong(app: &TestApp, key: &str) -> String {
    let near: Vec<String> = (-130..=130).map(|steps| code(app, key, steps)).collect();
    (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).expect("there are many")
}

/// Types code and name, and presses **Save**.
pub async fn save(browser: &mut Browser, code: &str, name: &str) {
    browser.fill("One-time code", code).fill("Device name", name).click("Save").await;
}

/// Sets up an authenticator from the page at hand; its key.
pub async fn enroll(app: &TestApp, browser: &mut Browser, name: &str) -> String {
    app.mid_step();
    let key = key(browser);
    save(browser, &code(app, &key, 0), name).await;
    key
}

pub async fn factors_of(app: &TestApp, username: &str) -> Vec<Factor> {
    let id = app.user_id(username);
    app.read(move |conn| Ok(factors::list(conn, &id)?)).await
}

pub async fn change_organization(app: &TestApp, key: &str, change: &str) {
    app.sql(format!("UPDATE organizations SET {change} WHERE id = '{}'", app.organization_id(key))).await;
}
