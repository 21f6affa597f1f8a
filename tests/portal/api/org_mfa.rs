//! `PUT /api/user/org/mfa`.

use super::client::{put, token_of};
use crate::support::TestApp;

const PATH: &str = "/api/user/org/mfa";

#[tokio::test]
async fn an_owners_token_requires_mfa_and_ends_it() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "owner.one").await;
    // JSON Schema takes 7.0 for an integer too.
    let on = put(&app, &token, PATH, r#"{"enforce": true, "grace_days": 7.0}"#).await;
    assert_eq!(on.status, 200, "{}", on.body);
    let on = on.json();
    assert_eq!(on["enforce"], true);
    let until = on["grace_until"].as_str().expect("a moment").to_owned();
    assert!(until.ends_with('Z'));
    let off = put(&app, &token, PATH, r#"{"enforce": false}"#).await.json();
    assert_eq!(off["enforce"], false);
    // U9: toggled off and on, no fresh window.
    let again = put(&app, &token, PATH, r#"{"enforce": true}"#).await.json();
    assert_eq!(again["grace_until"], until.as_str());
    let longer = put(&app, &token, PATH, r#"{"enforce": true, "grace_days": 30}"#).await;
    let problem = longer.must_be_problem(409, "grace_given");
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains(&until)), "{problem}");
    let nearer = put(&app, &token, PATH, r#"{"enforce": true, "grace_days": 0}"#).await.json();
    assert!(nearer["grace_until"].as_str() < Some(until.as_str()));
}

/// U5.
#[tokio::test]
async fn an_owner_without_a_factor_has_to_set_one_up_first() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "owner.one").await;
    app.sql(format!("DELETE FROM factors WHERE user_id = '{}'", app.user_id("owner.one"))).await;
    put(&app, &token, PATH, r#"{"enforce": true, "grace_days": 0}"#).await.must_be_problem(409, "owner_needs_factor");
}

#[tokio::test]
async fn administrators_and_odd_bodies_are_refused() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "owner.one").await;
    for body in [
        "[]",
        "{}",
        "null",
        r#"{"enforce": "yes"}"#,
        r#"{"enforce": true, "grace_days": 1.5}"#,
        r#"{"enforce": true, "grace_days": -1}"#,
        r#"{"enforce": true, "grace_days": 99999999999}"#,
        r#"{"enforce": true, "grace_days": 366}"#,
        // What counts, the first or the last?
        r#"{"enforce": true, "enforce": false}"#,
        r#"{"enforce": true, "org_level": true}"#,
    ] {
        put(&app, &token, PATH, body).await.must_be_problem(400, "bad_request");
    }
    app.sql(format!("UPDATE memberships SET role = 'admin' WHERE user_id = '{}'", app.user_id("owner.one"))).await;
    put(&app, &token, PATH, r#"{"enforce": true}"#).await.must_be_problem(403, "role");
}
