//! Every route of the API, asked by everybody: a new one is asked without a word here. ASVS 8.1.1, 8.2.2.

use reqwest::Method;
use serde_json::json;
use vestibule::routes::{Guard, table};

use super::client::{ask, make_token, token_of};
use crate::support::TestApp;

/// Who asks, and what they are answered: for reading lists, for one person of Harbor Valley, for changing
/// one, for changing the organization.
struct Asker {
    who: &'static str,
    token: Option<String>,
    lists: u16,
    one: u16,
    resets: u16,
    settings: u16,
}

async fn askers(app: &TestApp) -> Vec<Asker> {
    let was_admin = token_of(app, "malvarez").await;
    app.sql(format!("UPDATE memberships SET role = 'member' WHERE user_id = '{}'", app.user_id("malvarez"))).await;
    let mut operator = app.signed_in("operator").await;
    let reads = make_token(&mut operator, "Reader", &["Read users", "Read the audit log", "Read deliveries"]).await;
    let asker =
        |who, token, [lists, one, resets, settings]: [u16; 4]| Asker { who, token, lists, one, resets, settings };
    vec![
        asker("nobody", None, [401; 4]),
        asker("a member", Some(was_admin), [403; 4]),
        asker("an admin elsewhere", Some(token_of(app, "mokafor").await), [200, 404, 404, 403]),
        asker("an admin", Some(token_of(app, "admin").await), [200, 200, 200, 403]),
        asker("an owner", Some(token_of(app, "owner.two").await), [200; 4]),
        asker("an operator", Some(reads), [200, 200, 403, 403]),
    ]
}

#[tokio::test]
async fn each_route_answers_everybody_as_they_may() {
    let app = TestApp::spawn().await;
    let (id, askers) = (app.user_id("phone.only"), askers(&app).await);
    let mut wrong = Vec::new();
    for route in table().filter(|route| route.guard == Guard::Api) {
        let path = route.path.replace("{id}", &id);
        let method: Method = route.method.parse().expect("a method");
        let reset = route.path.contains("/mfa/reset");
        let body = if reset { json!([id]) } else { json!({ "enforce": false }) }.to_string();
        for asker in &askers {
            let bearer = format!("Bearer {}", asker.token.as_deref().unwrap_or_default());
            let mut headers = vec![("Content-Type", "application/json")];
            headers.extend(asker.token.as_ref().map(|_| ("Authorization", bearer.as_str())));
            let sent = (method == Method::PUT).then_some(body.as_str());
            let expected = match (&method, reset) {
                (&Method::PUT, true) => asker.resets,
                (&Method::PUT, false) => asker.settings,
                _ if route.path.contains("{id}") => asker.one,
                _ => asker.lists,
            };
            let answer = ask(&app, method.clone(), &path, &headers, sent).await;
            if answer.status != expected {
                wrong.push(format!("{}: {method} {}: {}, not {expected}", asker.who, route.path, answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
