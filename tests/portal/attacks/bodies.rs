//! Every answer says what it is, so that no browser takes it for something else.

use serde_json::Value;
use vestibule::routes::table;

use crate::support::TestApp;

/// What every answer carries, whatever it is.
const ALWAYS: [(&str, &str); 4] = [
    ("strict-transport-security", "includeSubDomains"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
];

/// The type fits the body, and text names its character set.
fn says_what_it_is(kind: &str, body: &str) -> bool {
    let charset = !kind.starts_with("text/") || kind.ends_with("charset=utf-8");
    let fits = match kind.split(';').next() {
        Some("text/html") => body.trim_start().to_lowercase().starts_with("<!doctype html>"),
        Some("text/plain") => !body.contains('<'),
        Some("application/json" | "application/problem+json") => serde_json::from_str::<Value>(body).is_ok(),
        _ => false,
    };
    charset && fits
}

/// All addresses that need no id, as a stranger and as the one person whom every page opens to.
/// ASVS 4.1.1, 3.2.1, 3.4.1, 3.4.3 to 3.4.6.
#[tokio::test]
async fn every_address_says_what_it_sends() {
    let app = TestApp::spawn().await;
    let mut bodies = 0;
    for mut browser in [app.browser(), app.signed_in("operator").await] {
        for route in table().filter(|route| route.method == "GET" && !route.path.contains('{')) {
            let answer = browser.get_only(route.path).await;
            for (name, part) in ALWAYS {
                let has = answer.header(name).is_some_and(|value| value.contains(part));
                assert!(has, "{name} of {} ({})", route.path, answer.status);
            }
            if !answer.body.is_empty() {
                let kind = answer.header("content-type").unwrap_or_default();
                assert!(says_what_it_is(kind, &answer.body), "{} is {kind:?}: {}", route.path, answer.body);
                bodies += 1;
            }
        }
    }
    assert!(bodies > 50, "only {bodies} bodies were looked at");
}
